"""The answer that asks a buyer for exactly what an order still lacks."""

from __future__ import annotations

from yinuo.channels.model.messages.types import Draft, Missing
from yinuo.core.texts import text

_MOST_OPTIONS = 6


def reply_to(draft: Draft) -> str:
    """Return a Chinese answer that asks for what is missing; empty when nothing is."""
    if not draft.missing:
        return ""
    asked = "、".join(dict.fromkeys(_asked(missing) for missing in draft.missing))
    greeting = text("channels.message.greeting", name=draft.name.value if draft.name else "")
    noted = [
        text("channels.message.noted_line", goods=line.goods.value, quantity=line.quantity.value)
        for line in draft.lines
        if line.sku and line.quantity
    ]
    if noted:
        return text(
            "channels.message.ask_with", greeting=greeting, noted="、".join(noted), asked=asked
        )
    return text("channels.message.ask", greeting=greeting, asked=asked)


def _asked(missing: Missing) -> str:
    code = f"channels.message.missing.{missing.kind.value}"
    if missing.options and len(missing.options) <= _MOST_OPTIONS:
        options = "、".join(missing.options)
        return text(f"{code}.of", goods=missing.goods, options=options)
    return text(code, goods=missing.goods)
