"""Checks on what comes in, and the masks under which people see each other's data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from yinuo.core.errors import JsonValue
from yinuo.core.money import MOST_FEN
from yinuo.orders.model.errors import BadOrder, BadPayment, BadTag
from yinuo.orders.model.nouns import (
    NewLine,
    NewOrder,
    PaymentReceived,
    Problem,
    Receiver,
    RefundReceived,
)

MOST_QUANTITY = 9_999
MOST_LINES = 500
MOST_TEXT = 500
MASK = "****"
_EXTENSION = re.compile(r"转|[,，#]|-(?=\d{1,6}$)")  # a privacy number is "17000000000-1234"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d(?:[\s-]?\d{4}){2}(?!\d)")
_TAG = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff/?#%\\]{1,32}")


def check_new_order(new: NewOrder) -> None:
    """Pass an order that can be right; raises BadOrder with every problem at once."""
    problems = [*_order_problems(new), *_line_problems(new.lines)]
    if not new.is_cancelled:
        problems += _receiver_problems(new.receiver, is_sealed=new.is_receiver_sealed)
    if problems:
        raise _refusal(problems)


def _order_problems(new: NewOrder) -> Iterator[Problem]:
    named = {"number": new.number, "unique_id": new.unique_id, "shop_id": new.shop_id}
    yield from (Problem(field=name, problem="missing") for name, text in named.items() if not text)
    texts = {
        **named,
        "raw_number": new.raw_number,
        "payment_number": new.payment_number or "",
        "buyer_id": new.buyer_id,
        "buyer_nick": new.buyer_nick,
        "remark": new.remark,
    }
    yield from _text_problems(texts)
    amounts = {
        "total_fen": new.total_fen,
        "freight_fen": new.freight_fen,
        "discount_fen": new.discount_fen,
    }
    yield from _amount_problems(amounts)
    if not 1 <= new.version < 2**31:
        yield Problem(field="version", problem="out_of_range")
    if new.placed_at.tzinfo is None:
        yield Problem(field="placed_at", problem="no_time_zone")


def _line_problems(lines: tuple[NewLine, ...]) -> Iterator[Problem]:
    if not lines:
        yield Problem(field="lines", problem="missing")
    if len(lines) > MOST_LINES:
        yield Problem(field="lines", problem="too_many")
        return
    for place, line in enumerate(lines):
        at = f"lines.{place}"
        if not line.sku:
            yield Problem(field=f"{at}.sku", problem="missing")
        if not 1 <= line.quantity <= MOST_QUANTITY:
            yield Problem(field=f"{at}.quantity", problem="out_of_range")
        yield from _amount_problems(
            {f"{at}.unit_price_fen": line.unit_price_fen, f"{at}.amount_fen": line.amount_fen}
        )
        texts = {
            "sku": line.sku,
            "name": line.name,
            "listing_code": line.listing_code,
            "bundle_of": line.bundle_of or "",
        }
        yield from _text_problems({f"{at}.{name}": text for name, text in texts.items()})


def check_receiver(receiver: Receiver) -> None:
    """Raise BadOrder with every problem of a receiver."""
    problems = list(_receiver_problems(receiver))
    if problems:
        raise _refusal(problems)


def _refusal(problems: list[Problem]) -> BadOrder:
    found: list[JsonValue] = [{"field": one.field, "problem": one.problem} for one in problems]
    return BadOrder(problems=found)


def _receiver_problems(receiver: Receiver, *, is_sealed: bool = False) -> Iterator[Problem]:
    """Yield what is wrong; an order may lack divisions, but is then not sent anywhere."""
    needed = {"name": receiver.name, "phone": receiver.phone, "detail": receiver.detail}
    for name, text in needed.items():
        if not text.strip() and not is_sealed:
            yield Problem(field=f"receiver.{name}", problem="missing")
    if not is_sealed and receiver.phone.strip() and len(phone_tail(receiver.phone)) < 4:
        yield Problem(field="receiver.phone", problem="no_phone")
    parts = {
        **needed,
        "province": receiver.province,
        "city": receiver.city,
        "district": receiver.district,
        "town": receiver.town,
    }
    yield from _text_problems({f"receiver.{name}": text for name, text in parts.items()})


def _amount_problems(amounts: Mapping[str, int]) -> Iterator[Problem]:
    for name, amount in amounts.items():
        if not 0 <= amount <= MOST_FEN:
            yield Problem(field=name, problem="out_of_range")


def _text_problems(texts: Mapping[str, str]) -> Iterator[Problem]:
    for name, text in texts.items():
        if len(text) > MOST_TEXT:
            yield Problem(field=name, problem="too_long")
        if _CONTROL.search(text):
            yield Problem(field=name, problem="control_character")


def check_money(told: PaymentReceived | RefundReceived) -> None:
    """Pass a payment or refund that can be booked; raises BadPayment."""
    number = told.transaction_id if isinstance(told, PaymentReceived) else told.refund_id
    if not number or not told.payment_number or not 0 <= told.amount_fen <= MOST_FEN:
        raise BadPayment(provider=told.provider)


def clean_tag(tag: str) -> str:
    """Return the tag without spaces around it; raises BadTag when it is no tag."""
    clean = tag.strip()
    if not _TAG.fullmatch(clean):
        raise BadTag(tag=clean[:40])
    return clean


def phone_tail(phone: str) -> str:
    """Return the last four digits of the phone itself, an extension left out; "" when too short."""
    digits = _phone_digits(phone)
    return digits[-4:] if len(digits) >= 7 else ""


def mask_phone(phone: str) -> str:
    """Return 138****5678 for a mobile, ****5678 for other numbers, **** for anything shorter."""
    digits = _phone_digits(phone)
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}{MASK}{digits[-4:]}"
    return MASK + phone_tail(phone)


def mask_phones_in(text: str) -> str:
    """Return free text with every mobile number in it masked: buyers write them into remarks."""
    return _MOBILE.sub(lambda found: mask_phone(found[0]), text)


def mask_name(name: str) -> str:
    """Return 张** whatever the length, so that the length tells nothing; "" stays empty."""
    return f"{name.strip()[:1]}**" if name.strip() else ""


def mask_receiver(receiver: Receiver) -> Receiver:
    """Return the receiver as people see it before a reveal."""
    return Receiver(
        name=mask_name(receiver.name),
        phone=mask_phone(receiver.phone),
        province=receiver.province,
        city=receiver.city,
        district=receiver.district,
        town=receiver.town,
        detail=MASK,
    )


def _phone_digits(phone: str) -> str:
    """Return the digits of the number itself, without extension and country code 86."""
    whole = re.sub(r"[\s()()]", "", phone)
    head = _EXTENSION.split(whole)[0]
    # "0571-88886666" and "138-0013-8000" have hyphens of their own: a short head is no number.
    digits = re.sub(r"\D", "", head if len(re.sub(r"\D", "", head)) >= 11 else whole)
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
