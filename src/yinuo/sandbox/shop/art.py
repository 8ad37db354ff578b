"""Pictures for products that have none: small drawings of what the name says, always the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """The four colours of one picture."""

    wall: str
    main: str
    soft: str
    dark: str


PALETTES = (
    Palette("#efe9df", "#b8673f", "#e3b797", "#7d3f22"),
    Palette("#e6ece8", "#3f7a6c", "#a9cbbf", "#1f4d42"),
    Palette("#e9e8ee", "#6d6a95", "#bdbbd6", "#3e3b63"),
    Palette("#f1e7e4", "#b4574f", "#e5b0a7", "#74302b"),
    Palette("#e8ecef", "#4c7391", "#b0c8d8", "#284a63"),
    Palette("#efece0", "#a08a3c", "#dccf98", "#655516"),
    Palette("#ece8e4", "#8a7566", "#cdbcae", "#55443a"),
)
LOVE = Palette("#f6e6e2", "#b8382b", "#e9b6ab", "#7a1f17")


def _gift(p: Palette) -> str:
    return (
        f'<rect x="98" y="170" width="204" height="134" rx="8" fill="{p.main}"/>'
        f'<rect x="86" y="138" width="228" height="46" rx="8" fill="{p.main}"/>'
        f'<rect x="86" y="176" width="228" height="10" fill="{p.dark}" opacity=".25"/>'
        f'<rect x="184" y="138" width="32" height="166" fill="{p.soft}"/>'
        f'<path d="M200 138c-14-46-74-52-70-20 3 20 44 22 70 20zm0 0c14-46 74-52 70-20-3 20-44 22-70 20z"'
        f' fill="none" stroke="{p.soft}" stroke-width="13" stroke-linejoin="round"/>'
    )


def _rug(p: Palette) -> str:
    fringe = "".join(
        f'<path d="M{70 + 13 * i} 112v-12M{70 + 13 * i} 300v12" stroke="{p.soft}" stroke-width="4"/>'
        for i in range(21)
    )
    diamonds = "".join(
        f'<path d="M{120 + 80 * i} 206l30-44 30 44-30 44z" fill="{p.soft}"/>'
        f'<path d="M{135 + 80 * i} 206l15-22 15 22-15 22z" fill="{p.dark}"/>'
        for i in range(3)
    )
    return (
        f'{fringe}<rect x="60" y="112" width="280" height="188" rx="4" fill="{p.main}"/>'
        f'<rect x="74" y="126" width="252" height="160" fill="none" stroke="{p.soft}"'
        f' stroke-width="4"/><g transform="translate(-30 0)">{diamonds}</g>'
    )


def _bed(p: Palette) -> str:
    return (
        f'<rect x="56" y="104" width="288" height="120" rx="16" fill="{p.dark}"/>'
        f'<rect x="84" y="150" width="108" height="64" rx="20" fill="#fff"/>'
        f'<rect x="208" y="150" width="108" height="64" rx="20" fill="#fff"/>'
        f'<rect x="104" y="170" width="84" height="52" rx="16" fill="{p.soft}"/>'
        f'<rect x="212" y="170" width="84" height="52" rx="16" fill="{p.soft}"/>'
        f'<path d="M56 214h288v78a12 12 0 0 1-12 12H68a12 12 0 0 1-12-12z" fill="{p.main}"/>'
        f'<path d="M56 214h288v26c-60 18-228 18-288 0z" fill="{p.soft}"/>'
        f'<path d="M120 250v54M200 254v50M280 250v54" stroke="{p.dark}" stroke-width="2"'
        f' opacity=".35"/>'
    )


def _pillow(p: Palette) -> str:
    return (
        f'<path d="M86 150c40 14 188 14 228 0 12 40 12 94 0 134-40-14-188-14-228 0-12-40-12-94 0-134z"'
        f' fill="{p.soft}"/>'
        f'<path d="M112 126c34 12 142 12 176 0 10 34 10 84 0 118-34-12-142-12-176 0-10-34-10-84 0-118z"'
        f' fill="{p.main}"/><path d="M130 146c30 8 110 8 140 0M130 224c30-8 110-8 140 0"'
        f' fill="none" stroke="{p.soft}" stroke-width="4"/>'
    )


def _towels(p: Palette) -> str:
    def towel(y: int, fill: str, line: str) -> str:
        return (
            f'<rect x="90" y="{y}" width="220" height="54" rx="24" fill="{fill}"/>'
            f'<path d="M116 {y + 27}h172" stroke="{line}" stroke-width="5"/>'
            f'<path d="M116 {y + 37}h172" stroke="{line}" stroke-width="2"/>'
        )

    return towel(250, p.dark, p.soft) + towel(196, p.main, p.soft) + towel(142, p.soft, p.main)


def _curtain(p: Palette) -> str:
    left = (
        f'<path d="M74 104h96c4 70-6 140-60 200H74z" fill="{p.main}"/>'
        f'<path d="M98 104c0 70-2 140-12 200M128 104c0 70-4 130-22 184" stroke="{p.dark}"'
        f' stroke-width="3" fill="none" opacity=".4"/>'
    )
    return (
        f'<rect x="110" y="116" width="180" height="176" fill="#fff"/>'
        f'<path d="M200 116v176M110 200h180" stroke="{p.soft}" stroke-width="6"/>{left}'
        f'<g transform="matrix(-1 0 0 1 400 0)">{left}</g>'
        f'<rect x="56" y="94" width="288" height="10" rx="5" fill="{p.dark}"/>'
    )


def _cushion(p: Palette) -> str:
    return (
        f'<g transform="rotate(-8 200 210)"><path d="M104 114c64 18 128 18 192 0-16 64-16 128 0 192'
        f'-64-18-128-18-192 0 16-64 16-128 0-192z" fill="{p.main}"/>'
        f'<path d="M118 130l164 160M282 130L118 290M200 124v172M116 210h168" stroke="{p.soft}"'
        f' stroke-width="5" opacity=".75"/><circle cx="200" cy="210" r="12" fill="{p.dark}"/></g>'
    )


def _throw(p: Palette) -> str:
    return (
        f'<path d="M84 190h232l-22 104a14 14 0 0 1-14 12H120a14 14 0 0 1-14-12z" fill="{p.dark}"/>'
        f'<path d="M94 214h212M99 240h202M104 266h192" stroke="{p.soft}" stroke-width="4"'
        f' opacity=".45"/><path d="M96 190c6-60 30-84 62-78 22-26 66-22 78 6 40-4 62 24 66 72z"'
        f' fill="{p.main}"/><path d="M134 190c4-40 20-58 46-60M212 122c22 12 30 36 30 68" fill="none"'
        f' stroke="{p.soft}" stroke-width="5"/>'
    )


def _table(p: Palette) -> str:
    return (
        f'<ellipse cx="200" cy="160" rx="140" ry="40" fill="{p.soft}"/>'
        f'<path d="M60 160c0 50 4 90 8 116 26 12 34-10 58-2s30 18 56 14 34-14 60-8 40 14 60 4 32-2 38-10'
        f'c8-30 20-70 20-114-20 54-260 54-300 0z" fill="{p.main}"/>'
        f'<path d="M70 214c60 40 200 40 262 0" stroke="{p.soft}" stroke-width="5" fill="none"/>'
        f'<rect x="184" y="92" width="32" height="66" rx="10" fill="{p.dark}"/>'
        f'<path d="M200 96c-4-30-26-36-30-14M200 96c4-34 30-36 32-10" stroke="{p.dark}"'
        f' stroke-width="5" fill="none"/>'
    )


def _candle(p: Palette) -> str:
    return (
        f'<rect x="130" y="170" width="140" height="136" rx="18" fill="{p.main}"/>'
        f'<rect x="130" y="206" width="140" height="56" fill="{p.soft}"/>'
        f'<path d="M200 170v-28" stroke="{p.dark}" stroke-width="5"/>'
        f'<path d="M200 92c22 26 18 50 0 50s-22-24 0-50z" fill="#e0a33a"/>'
    )


def _basket(p: Palette) -> str:
    weave = "".join(
        f'<path d="M{98 + 2 * i} {206 + 26 * i}h{204 - 4 * i}" stroke="{p.soft}" stroke-width="6"'
        f' stroke-dasharray="18 10" stroke-dashoffset="{14 * i}"/>'
        for i in range(4)
    )
    return (
        f'<path d="M130 186c0-90 140-90 140 0" fill="none" stroke="{p.dark}" stroke-width="10"/>'
        f'<path d="M86 180h228l-20 116a12 12 0 0 1-12 10H118a12 12 0 0 1-12-10z" fill="{p.main}"/>'
        f"{weave}"
    )


def _slippers(p: Palette) -> str:
    one = (
        f'<path d="M120 120c40-10 64 20 60 80s-16 100-46 102-46-40-44-90 4-84 30-92z" fill="{p.soft}"/>'
        f'<path d="M92 214c20-30 70-34 88-6 4-66-20-98-60-88-24 8-28 40-28 94z" fill="{p.main}"/>'
    )
    return f'{one}<g transform="matrix(-1 0 0 1 400 0)">{one}</g>'


def _weave(p: Palette) -> str:
    rows = "".join(
        f'<rect x="{96 + 54 * x}" y="{106 + 54 * y}" width="46" height="46" rx="8"'
        f' fill="{(p.main, p.soft, p.dark)[(x + y * 2) % 3]}"/>'
        for x in range(4)
        for y in range(4)
    )
    return f'<g transform="translate(0 -2)">{rows}</g>'


# The first word found in category and name decides.
MOTIFS: tuple[tuple[tuple[str, ...], Callable[[Palette], str]], ...] = (
    (("礼盒", "礼", "LOVE"), _gift),
    (("地毯", "地垫", "脚垫"), _rug),
    (("抱枕", "靠垫", "靠枕", "坐垫"), _cushion),
    (("枕",), _pillow),
    (("帘", "纱"), _curtain),
    (("浴", "毛巾", "方巾", "巾"), _towels),
    (("桌", "餐"), _table),
    (("香薰", "蜡烛", "香氛"), _candle),
    (("收纳", "篮", "筐"), _basket),
    (("拖鞋", "鞋"), _slippers),
    (("毯", "盖"), _throw),
    (("床", "被", "四件套", "三件套", "床单", "床笠", "褥"), _bed),
)


def picture(*, code: str, name: str, category: str) -> str:
    """Return an SVG drawing of 400 by 400 for a product."""
    words = f"{name} {category} {code}"
    draw = next((made for keys, made in MOTIFS if any(key in words for key in keys)), _weave)
    number = int(hashlib.sha256(code.encode()).hexdigest()[:8], 16)
    palette = LOVE if "LOVE" in code else PALETTES[number % len(PALETTES)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"'
        ' preserveAspectRatio="xMidYMid slice" aria-hidden="true">'
        f'<rect width="400" height="400" fill="{palette.wall}"/>'
        f'<circle cx="200" cy="206" r="150" fill="#fff" opacity=".45"/>'
        f'<ellipse cx="200" cy="322" rx="126" ry="12" fill="{palette.dark}" opacity=".16"/>'
        f"{draw(palette)}</svg>"
    )
