"""The shape of the house, held by machine: what import-linter cannot see."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from yinuo.core import migrate
from yinuo.core.db import Base, Database
from yinuo.core.errors import YinuoError
from yinuo.core.events import Event
from yinuo.core.texts import catalog

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "yinuo"
MODULES = (
    "catalog",
    "users",
    "orders",
    "addresses",
    "inventory",
    "channels",
    "sourcing",
    "fulfillment",
    "exceptions",
    "observing",
    "notices",
)
FILES = {"__init__", "model", "events", "tables", "store", "service", "actions"}
LONGEST, LONGEST_CONSOLE = 400, 250


def tracked(*patterns: str) -> list[Path]:
    """Return the files git knows, as a reviewer would see them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def python_files() -> list[Path]:
    return [path for path in tracked("*.py") if PACKAGE in path.parents]


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def load_everything() -> None:
    """Import every module, so that all subclasses and tables exist."""
    for path in python_files():
        if "migrations" in path.parts or path.name == "__main__.py":
            continue
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        __import__(name.removesuffix(".__init__"))


def subclasses(base: type) -> Iterator[type]:
    for one in base.__subclasses__():
        yield one
        yield from subclasses(one)


def test_no_file_is_too_long():
    files = [(path, LONGEST) for path in tracked("*.py")]
    files += [(path, LONGEST_CONSOLE) for path in tracked("console/src/*.ts", "console/src/*.tsx")]
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path, most in files
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > most
        and not path.name.endswith(("schema.d.ts", ".gen.ts"))
    ]
    assert not long


def test_modules_hold_the_named_files_and_nothing_else():
    strange = [
        f"{module}/{entry.name}"
        for module in MODULES
        for entry in (PACKAGE / module).iterdir()
        if entry.name != "__pycache__" and entry.stem not in FILES
    ]
    assert not strange


def test_the_engine_is_imported_by_core_durable_alone():
    others = [
        path.relative_to(PACKAGE).as_posix()
        for path in python_files()
        if any(name == "dbos" or name.startswith("dbos.") for name in imports_of(path))
    ]
    assert others == ["core/durable.py"]


def test_sql_stands_in_stores_tables_reports_and_core_only():
    def may_hold_sql(path: Path) -> bool:
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        return parts[0] in {"core", "reports", "migrations"} or bool(
            {"tables", "store"} & set(parts)
        )

    others = [
        path.relative_to(PACKAGE).as_posix()
        for path in python_files()
        if not may_hold_sql(path)
        and any(name.startswith("sqlalchemy") for name in imports_of(path))
    ]
    allowed = {"web/health.py"} | {name for name in others if name.startswith("sandbox/")}
    assert set(others) <= allowed


def test_tables_of_a_module_are_its_own_and_the_reports():
    wrong = []
    for path in python_files():
        owner = path.relative_to(PACKAGE).parts[0]
        for name in imports_of(path):
            found = re.match(r"yinuo\.(\w+)\.tables", name)
            if found and owner not in {found[1], "reports", "migrations"}:
                wrong.append(f"{path.relative_to(PACKAGE)}: {name}")
    assert not wrong


def test_nobody_commits_but_core():
    wrong = [
        path.relative_to(PACKAGE).as_posix()
        for path in python_files()
        if path.relative_to(PACKAGE).parts[0] not in {"core", "sandbox"}
        and re.search(r"\.commit\(", path.read_text(encoding="utf-8"))
    ]
    assert not wrong


def test_there_is_no_orm_relationship():
    wrong = [
        path.name
        for path in python_files()
        if re.search(r"\brelationship\(", path.read_text(encoding="utf-8"))
    ]
    assert not wrong


def test_every_error_and_event_has_words_in_both_languages():
    load_everything()
    words = catalog()
    errors = {one.code for one in subclasses(YinuoError) if one.__module__.startswith("yinuo.")}
    events = {
        one.name
        for one in subclasses(Event)
        if one.__module__.startswith("yinuo.") and hasattr(one, "name")
    }
    assert {code for code in errors | events if code not in words} == set()
    assert {
        code for code, entry in words.items() if not entry.get("zh") or not entry.get("en")
    } == (set())


def test_codes_used_in_workflows_have_words():
    used = {
        found
        for path in (PACKAGE / "workflows").glob("*.py")
        for found in re.findall(
            r'"((?:workflows|fulfillment|sourcing)\.[a-z_]+(?:\.[A-Za-z_]+)*)"',
            path.read_text(encoding="utf-8"),
        )
    }
    words = catalog()
    assert {code for code in used if code not in words} == set()
    timeline = {code for code in used if code.startswith("workflows.timeline.")}
    assert {code for code in timeline if f"{code}.why" not in words} == set()


# The "do not say" column of the glossary, where the word can only mean the forbidden thing.
FORBIDDEN = {
    "kit": "bundle",
    "combo": "bundle",
    "freebie": "gift line",
    "ticket": "work item",
    "adapter": "connector",
    "plugin": "connector",
    "mock": "sandbox",
    "override": "bypass",
    "violation": "finding",
    "salable": "available to promise",
    "consolidate": "merge",
}


def test_names_of_tables_columns_and_events_keep_to_the_glossary():
    load_everything()
    names = {table.name for table in Base.metadata.tables.values()}
    names |= {column.name for table in Base.metadata.tables.values() for column in table.columns}
    names |= {one.name for one in subclasses(Event) if hasattr(one, "name")}
    said = {
        name: FORBIDDEN[word]
        for name in names
        for word in re.split(r"[._]", name)
        if word in FORBIDDEN
    }
    assert not said


def test_tables_and_migrations_agree(database: Database):
    load_everything()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": False,
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_and_up_again(database: Database):
    migrate.downgrade(database)
    with database.engine.connect() as connection:
        left = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        functions = connection.execute(
            sa.text(
                "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                " WHERE n.nspname = 'public'"
            )
        ).scalars()
        assert (left, list(functions)) == (set(), [])
    migrate.upgrade(database)
    assert migrate.is_current(database)


@pytest.mark.parametrize("lock", ["requirements/run.txt", "requirements/dev.txt"])
def test_locks_carry_names_versions_and_hashes_only(lock: str):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert all(
        re.match(r"[a-z0-9][\w.\[\]-]*==\S+( ; .*)? \\$", line)
        for line in text.splitlines()
        if line and not line.startswith((" ", "#"))
    )


def test_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    missing = [
        asked
        for asked in wanted
        if re.sub(r"\[.*?\]", "", asked) not in re.sub(r"\[.*?\]", "", locked)
    ]
    assert not missing
