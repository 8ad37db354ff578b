"""`yinuo user` and `yinuo audit` against a real database."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from tests.users.builders import MADE_UP_PASSWORD
from yinuo.cli import audit, user
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import LastAdmin, UnknownUser, WeakPassword


@pytest.fixture(autouse=True)
def _settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINUO_DATABASE_URL", database_url)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(user.app, list(words), input=typed)


def add(username: str = "li.na", role: str = "it_admin") -> Result:
    return run("add", username, "--role", role, "--password-stdin", typed=MADE_UP_PASSWORD + "\n")


def signs_in(database: Database, password: str) -> bool:
    with database.transaction() as session:
        came_to = users.authenticate(
            session, username="li.na", password=password, remote_address="-", now=clock.now()
        )
    return isinstance(came_to, users.SignedIn)


def test_added_user_signs_in_and_is_listed(database: Database):
    done = add("Li.Na")
    assert done.exit_code == 0
    assert done.stdout.startswith("li.na  IT 管理员  usr_")
    assert MADE_UP_PASSWORD not in done.stdout
    assert signs_in(database, MADE_UP_PASSWORD)
    assert "li.na" in run("list").stdout


def test_made_password_is_printed_once_and_works(database: Database):
    add()
    done = run("password", "li.na", "--generate")
    made = re.search(r"password: (\S{16})\n", done.stdout)
    assert made is not None
    assert signs_in(database, made[1])
    assert not signs_in(database, MADE_UP_PASSWORD)


def test_account_is_closed_and_opened_again_but_never_the_last_admins(database: Database):
    add()
    assert isinstance(run("disable", "li.na").exception, LastAdmin)
    add("other")
    assert run("disable", "li.na").exit_code == 0
    assert not signs_in(database, MADE_UP_PASSWORD)
    assert run("enable", "li.na").exit_code == 0
    assert signs_in(database, MADE_UP_PASSWORD)


def test_wrong_input_is_refused(database: Database):
    weak = run("add", "x1", "--role", "operations", "--password-stdin", typed="short\n")
    assert isinstance(weak.exception, WeakPassword)
    assert isinstance(run("disable", "nobody").exception, UnknownUser)
    assert run("add", "x1", "--role", "king", "--generate").exit_code == 2


def test_audit_verifies_and_tells_where_it_is_broken(database: Database):
    add()
    add("other")
    whole = CliRunner().invoke(audit.app, ["verify"])
    assert re.fullmatch(r"whole: 2 entries, head 2:[0-9a-f]{64}\n", whole.stdout)
    with database.transaction() as session:
        session.execute(sa.text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        session.execute(sa.text("UPDATE audit_entries SET object = 'x' WHERE position = 2"))
    broken = CliRunner().invoke(audit.app, ["verify"])
    assert broken.exit_code == 1
    assert "broken at entry 2" in broken.stderr
    gone = CliRunner().invoke(audit.app, ["verify", "--head", "9:" + "ab" * 32])
    assert gone.exit_code == 1
