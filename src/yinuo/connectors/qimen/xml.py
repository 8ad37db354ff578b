"""XML for Qimen: built as a tree, read without DTD and entities."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TypeAlias

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

Element: TypeAlias = ET.Element

MOST_BYTES = 2 * 2**20
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse(body: bytes) -> Element | None:
    """Return the root, or None for what is no XML, too large, or has a DTD or an entity."""
    if len(body) > MOST_BYTES:
        return None
    try:
        root: Element = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def text(parent: Element | None, path: str) -> str:
    """Return the trimmed text at a path, empty when there is none."""
    found = None if parent is None else parent.find(path)
    return "" if found is None else (found.text or "").strip()


def node(tag: str, *children: Element, **texts: str) -> Element:
    """Return an element with a child per keyword that has a text, then the other children.

    Characters that XML cannot carry are left out: a buyer may paste anything into a remark.
    """
    made = ET.Element(tag)
    for name, value in texts.items():
        if value:
            ET.SubElement(made, name).text = _FORBIDDEN.sub("", value)
    made.extend(children)
    return made


def render(root: Element) -> bytes:
    """Return the bytes of a document in UTF-8 with its declaration."""
    body: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>' + body
