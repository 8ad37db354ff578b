"""How `yinuo address` writes an answer: for people, on one line, or as JSON."""

from __future__ import annotations

import json

from yinuo.addresses.model import Division, Resolved
from yinuo.cli.common import spoken
from yinuo.core.texts import text

# What passes without a person (ADDRESSES: calibrated, at most one in two hundred wrong).
SURE = 0.95
_MOST_CANDIDATES = 3


def is_sure(found: Resolved) -> bool:
    """Tell whether the answer can be used as it is."""
    return found.confidence >= SURE and not found.contradictions


def shown(found: Resolved) -> str:
    """Return an answer with its evidence, for a person."""
    language = spoken()
    rows = [
        ("divisions", _names(found, " ") or text("addresses.cli.none", language)),
        ("codes", " ".join(d.code for d in _divisions(found))),
        ("rest", found.rest),
        ("name", found.name or ""),
        ("phone", _phone(found)),
        ("confidence", _confidence(found)),
        *[("evidence", line) for line in _evidence(found)],
        *[("contradiction", line) for line in contradictions(found)],
        *[("candidate", line) for line in _candidates(found)],
        ("table", found.table_date),
    ]
    return "\n".join(
        f"{text(f'addresses.cli.label.{key}', language)}  {_printable(value)}"
        for key, value in rows
        if value
    )


def one_line(found: Resolved) -> str:
    """Return an answer on one line: confidence, divisions, rest, name, phone, what contradicts."""
    cells = [
        f"{found.confidence:.3f}",
        _names(found, "/"),
        found.rest,
        found.name or "",
        _phone(found),
        "; ".join(contradictions(found)),
    ]
    return "\t".join(_printable(cell) for cell in cells)


def as_json(found: Resolved) -> str:
    """Return an answer as one JSON object on one line."""
    told = {
        "province": _told(found.province),
        "city": _told(found.city),
        "district": _told(found.district),
        "town": _told(found.town),
        "rest": found.rest,
        "name": found.name,
        "phone": found.phone,
        "phone_extension": found.phone_extension,
        "confidence": round(found.confidence, 4),
        "is_sure": is_sure(found),
        "contradictions": [
            {"kind": one.kind.value, "stated": one.stated, "against": one.against}
            for one in found.contradictions
        ],
        "evidence": [
            {
                "level": one.level.name.lower(),
                "code": one.code,
                "span": one.span,
                "text": one.text,
                "kind": one.kind.value,
            }
            for one in found.evidence
        ],
        "candidates": [
            {
                "names": [d.name for d in (c.province, c.city, c.district, c.town) if d],
                "score": round(c.score, 4),
            }
            for c in found.candidates
        ],
        "table_date": found.table_date,
    }
    plain = json.dumps(told, ensure_ascii=False)
    # A lone surrogate cannot be written as UTF-8; escaped it can.
    return json.dumps(told) if any("\ud800" <= char <= "\udfff" for char in plain) else plain


def contradictions(found: Resolved) -> list[str]:
    """Return every contradiction as a sentence."""
    return [
        text(
            f"addresses.contradiction.{one.kind.value}",
            spoken(),
            stated=one.stated,
            against=one.against,
        )
        for one in found.contradictions
    ]


def _printable(value: str) -> str:
    """Return a value on one line, with nothing in it that a terminal would obey or cannot show."""
    shown = "".join(char if char.isprintable() else " " for char in value)
    return " ".join(shown.split())


def _told(division: Division | None) -> dict[str, str] | None:
    return {"code": division.code, "name": division.name} if division else None


def _divisions(found: Resolved) -> list[Division]:
    levels = (found.province, found.city, found.district, found.town)
    return [one for one in levels if one]


def _names(found: Resolved, between: str) -> str:
    return between.join(one.name for one in _divisions(found))


def _phone(found: Resolved) -> str:
    return "-".join(part for part in (found.phone, found.phone_extension) if part)


def _confidence(found: Resolved) -> str:
    code = "addresses.cli.sure" if is_sure(found) else "addresses.cli.doubtful"
    return text(code, spoken(), percent=f"{100 * found.confidence:.1f}")


def _evidence(found: Resolved) -> list[str]:
    language = spoken()
    return [
        text(
            f"addresses.evidence.{one.kind.value}",
            language,
            level=text(f"addresses.level.{one.level.name.lower()}", language),
            text=one.text,
        )
        for one in found.evidence
    ]


def _candidates(found: Resolved) -> list[str]:
    others = []
    for one in found.candidates[:_MOST_CANDIDATES]:
        names = [d.name for d in (one.province, one.city, one.district, one.town) if d]
        others.append(" ".join(names))
    return others if len(others) > 1 else []
