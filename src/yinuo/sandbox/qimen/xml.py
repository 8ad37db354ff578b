"""XML in and out for the Qimen stand-in: element trees only, no DTD, no entities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001 - the library has no public name for it

MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class BadXml:
    """The body is no XML that is taken; `reason` says why."""

    reason: str


def parse(body: bytes) -> Element | BadXml:
    """Return the root of the body, or why it is refused: size, syntax, a DTD, an entity."""
    if len(body) > MOST_BYTES:
        return BadXml("body too large")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return BadXml("not well-formed")
    if root.getroottree().docinfo.doctype:
        return BadXml("DTD and entities are not allowed")
    return root


def text(parent: Element | None, path: str) -> str:
    """Return the trimmed text at a path such as `receiverInfo/name`, or the empty text."""
    found = None if parent is None else parent.find(path)
    return "" if found is None else (found.text or "").strip()


def node(tag: str, *content: Element | str) -> Element:
    """Return an element with the given children, or with a text."""
    made = etree.Element(tag)
    for part in content:
        if isinstance(part, str):
            made.text = part
        else:
            made.append(part)
    return made


def fields(**values: str) -> list[Element]:
    """Return one element with a text per keyword, in the order given."""
    return [node(tag, value) for tag, value in values.items()]


def render(root: Element) -> bytes:
    """Return the bytes of a document in UTF-8 with its declaration."""
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def response(*content: Element, flag: str = "success", code: str = "0", message: str = "") -> bytes:
    """Return a reply in the standard's envelope; only `flag` decides for the one who asked."""
    return render(node("response", *fields(flag=flag, code=code, message=message), *content))
