"""Build the web console into the wheel, and ask for Node from PyPI only where that is needed.

A source release carries the built console and needs neither Node nor npm. `YINUO_SKIP_WEB=1`
leaves the console out, for work on the back end alone.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = "src/yinuo/web/static"


def _tools() -> ModuleType:
    path = Path(__file__).resolve().parent / "tools" / "node.py"
    spec = importlib.util.spec_from_file_location("yinuo_tools_node", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class ConsoleHook(BuildHookInterface[Any]):
    """Brings the built console into the package before it is packed."""

    def dependencies(self) -> list[str]:
        """Return Node from PyPI, or nothing where the console is fresh or Node is there."""
        node = _tools()
        if _is_skipped() or node.is_fresh() or node.find_node() is not None:
            return []
        return [node.WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the hook's
        """Build the console where it is not fresh, and name it as a part of the package."""
        if _is_skipped():
            return
        node = _tools()
        if not node.is_fresh():
            node.build(node.needed_node())
        build_data["artifacts"].append(f"/{BUILT}/**")


def _is_skipped() -> bool:
    return os.environ.get("YINUO_SKIP_WEB") == "1"
