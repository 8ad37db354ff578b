"""Hand-written group messages, and how a reading of them is judged field by field."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from yinuo.channels.model.messages import (
    AliasTarget,
    Draft,
    DraftLine,
    MessageKind,
    Reader,
    difference,
    reply_to,
)
from yinuo.cli.demo_catalog import demo_catalog

HERE = Path(__file__).parent
FIELDS = (
    "kind",
    "count",
    "name",
    "phone",
    "address",
    "goods",
    "quantity",
    "tags",
    "remarks",
    "missing",
)
_PLAIN = re.compile(r"[\s,，。;；、()（）!！:：|]+")


@dataclass(slots=True)
class Marks:
    """What a set of messages came to."""

    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    drafts: int = 0
    drafts_right: int = 0
    complete: int = 0
    passed: int = 0
    passed_right: int = 0
    sure: list[tuple[float, bool]] = field(default_factory=list)

    def mark(self, name: str, ok: bool, note: str) -> bool:
        """Count a field, and note what was wrong."""
        self.asked[name] += 1
        self.right[name] += ok
        if not ok:
            self.wrong.append(f"{name}: {note}")
        return ok


def reader() -> Reader:
    """Return a reader for the demo's merchant with the group's aliases."""
    catalog = demo_catalog()
    rows = tomllib.loads((HERE / "aliases.toml").read_text(encoding="utf-8"))
    return Reader(
        catalog.skus,
        bundles={bundle.code for bundle in catalog.bundles},
        aliases={text: AliasTarget(**row) for text, row in rows.items()},
    )


def messages(*files: str) -> Iterator[tuple[str, dict]]:
    """Return the messages of some files, each with its file's name."""
    for file in files:
        for row in tomllib.loads((HERE / f"{file}.toml").read_text(encoding="utf-8"))["message"]:
            yield file, row


def grade(marks: Marks, reading_of: Reader, row: dict) -> None:
    """Judge one message."""
    read = reading_of.read(row["text"])
    expected = (
        MessageKind.TALK
        if row.get("none")
        else MessageKind.CHANGE
        if "change" in row
        else MessageKind.LIST
        if "e" in row
        else MessageKind.ORDER
    )
    text = row["text"].strip()
    if not marks.mark("kind", read.kind is expected, f"{text!r} read as {read.kind.value}"):
        if expected is MessageKind.ORDER:
            marks.drafts += len(row["orders"])
            marks.complete += sum(not gold.get("m") for gold in row["orders"])
        passed = [draft for draft in read.drafts if draft.passes]
        marks.passed += len(passed)
        marks.sure += [(draft.confidence, False) for draft in passed]
        return
    if expected is MessageKind.ORDER:
        _grade_orders(marks, row, read.drafts)
    elif expected is MessageKind.CHANGE:
        _grade_change(marks, row, read.change)
    elif expected is MessageKind.LIST:
        _grade_list(marks, reading_of, row, read.list)


def _grade_orders(marks: Marks, row: dict, drafts: tuple[Draft, ...]) -> None:
    text, golds = row["text"].strip(), row["orders"]
    is_count = marks.mark("count", len(drafts) == len(golds), f"{text!r}: {len(drafts)} drafts")
    for number, gold in enumerate(golds):
        marks.drafts += 1
        marks.complete += not gold.get("m")
        if number >= len(drafts):
            continue
        draft = drafts[number]
        ok = _grade_draft(marks, text, gold, draft) and is_count
        marks.drafts_right += ok
        is_right = ok and not gold.get("m")
        if not draft.missing:
            marks.sure.append((draft.confidence, is_right))
        if draft.passes:
            marks.passed += 1
            marks.passed_right += is_right
            if not is_right:
                marks.wrong.append(f"PASSED WRONG: {text!r}")
        elif not gold.get("m"):
            marks.wrong.append(f"held ({draft.confidence}): {text!r} {_weakest(draft)}")


def _weakest(draft: Draft) -> str:
    parts = {"name": draft.name, "phone": draft.phone, "address": draft.address}
    found = [
        f"{key}={part.confidence}" for key, part in parts.items() if part and part.confidence < 0.9
    ]
    for line in draft.lines:
        found += [
            f"{part.value}={part.confidence}"
            for part in (line.sku, line.quantity)
            if part and part.confidence < 0.9
        ]
    return (
        " ".join(found)
        + f" remarks={[r.value for r in draft.remarks]} missing={[m.kind.value for m in draft.missing]}"
    )


def _grade_draft(marks: Marks, text: str, gold: dict, draft: Draft) -> bool:
    name = draft.name.value if draft.name else ""
    phone = draft.phone.value if draft.phone else ""
    lines, wanted = [shown(line) for line in draft.lines], _wanted(gold["l"])
    results = [
        marks.mark("name", name == gold["n"], f"{text!r}: {name!r} for {gold['n']!r}"),
        marks.mark("phone", phone == gold["p"], f"{text!r}: {phone!r}"),
        marks.mark("address", *_address(text, gold["a"], draft)),
        marks.mark(
            "goods", [one[0] for one in lines] == [one[0] for one in wanted], f"{text!r}: {lines}"
        ),
        marks.mark(
            "quantity",
            [one[1] for one in lines] == [one[1] for one in wanted],
            f"{text!r}: {lines}",
        ),
    ]
    tags = {tag.value for tag in draft.tags}
    results.append(marks.mark("tags", tags == set(gold.get("t", "").split()), f"{text!r}: {tags}"))
    remarks = plain("".join(remark.value for remark in draft.remarks))
    results.append(
        marks.mark(
            "remarks",
            remarks == plain(gold.get("r", "")),
            f"{text!r}: {remarks!r} for {gold.get('r', '')!r}",
        )
    )
    missing = {one.kind.value for one in draft.missing}
    is_right = missing == set(gold.get("m", "").split()) and bool(missing) == bool(reply_to(draft))
    results.append(marks.mark("missing", is_right, f"{text!r}: {missing}"))
    return all(results)


def _address(text: str, gold: str, draft: Draft) -> tuple[bool, str]:
    if not gold:
        return draft.address is None, f"{text!r}: {draft.address}"
    if draft.address is None:
        return False, f"{text!r}: none"
    levels, _, detail = gold.partition(" ")
    read = draft.address.value.resolved
    names = [level.name if level else "" for level in (read.province, read.city, read.district)]
    is_place = all(want in {"?", name} for want, name in zip(levels.split("/"), names, strict=True))
    is_detail = plain(draft.address.value.detail) == plain(detail)
    return is_place and is_detail, f"{text!r}: {names} {draft.address.value.detail!r}"


def _wanted(text: str) -> list[tuple[str, int]]:
    pairs = [part.rpartition("*") for part in text.split()]
    return [(sku, int(units)) for sku, _, units in pairs]


def shown(line: DraftLine) -> tuple[str, int]:
    """Return a line as the gold writes it."""
    return line.sku.value if line.sku else "?", line.quantity.value if line.quantity else 0


def plain(text: str) -> str:
    """Return a text without spaces and punctuation."""
    return _PLAIN.sub("", text)


def _grade_change(marks: Marks, row: dict, change) -> None:
    gold, text = row["change"], row["text"].strip()
    marks.mark("change", change.kind.value == gold["do"], f"{text!r}: {change.kind}")
    if "n" in gold:
        marks.mark(
            "change",
            bool(change.name) and change.name.value == gold["n"],
            f"{text!r}: {change.name}",
        )
    if "p" in gold:
        marks.mark(
            "change",
            bool(change.phone) and change.phone.value == gold["p"],
            f"{text!r}: {change.phone}",
        )
    if "a" in gold:
        fake = Draft(span=(0, 0), name=None, phone=None, address=change.address, lines=())
        marks.mark("change", *_address(text, gold["a"], fake))
    if "l" in gold:
        sku, number = _wanted(gold["l"])[0]
        quantity = change.quantity.value if change.quantity else 0
        if gold["do"] == "add":
            quantity = sum(shown(line)[1] for line in change.lines)
        codes = {shown(line)[0] for line in change.lines}
        is_right = quantity == number and (sku == "?" or sku in codes)
        marks.mark("change", is_right, f"{text!r}: {codes} {quantity}")


def _grade_list(marks: Marks, reading_of: Reader, row: dict, found) -> None:
    text = row["text"].strip()
    entries = [
        (
            entry.name,
            [shown(line) for line in entry.draft.lines],
            plain("".join(remark.value for remark in entry.draft.remarks)),
        )
        for entry in found.entries
        if not entry.is_withdrawn
    ]
    golds = []
    for said in row["e"]:
        name, lines, remark = ([part.strip() for part in said.split("|")] + [""])[:3]
        golds.append((name, _wanted(lines), plain(remark)))
    marks.mark("count", len(entries) == len(golds), f"{text!r}: {entries}")
    for got, gold in zip(entries, golds, strict=False):
        marks.mark("entry", got == gold, f"{text!r}: {got} for {gold}")
    before = reading_of.read(row["before"]).list if "before" in row else None
    if "before" in row:
        done = difference(before, found)
        for key in ("added", "changed", "withdrawn"):
            names = [entry.name for entry in getattr(done, key)]
            wanted = row.get(key, "").split()
            marks.mark("difference", names == wanted, f"{text!r}: {key} {names} for {wanted}")
