"""Tests of users against a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from tests.users.builders import HERE, MADE_UP_PASSWORD, NOW, a_user, count, race, sign_in
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import (
    SYSTEM,
    LastAdmin,
    Role,
    TooManyTries,
    UnknownUser,
    UsernameTaken,
    WrongCredentials,
)
from yinuo.users.service import passwords


def test_username_can_be_taken_once_whatever_its_case(database: Database):
    user = a_user(database, "Li.Na")
    assert user.username == "li.na"
    with pytest.raises(UsernameTaken):
        a_user(database, "LI.NA")
    assert count(database, "SELECT count(*) FROM users") == 1


def test_racing_for_one_username_gives_it_to_one(database: Database):
    results = race(lambda _: a_user(database), 6)
    assert sum(isinstance(one, UsernameTaken) for one in results) == 5
    assert count(database, "SELECT count(*) FROM users") == 1
    assert count(database, "SELECT count(*) FROM audit_entries") == 1


def test_password_is_stored_as_argon2id_only(database: Database):
    a_user(database)
    with database.read() as session:
        stored = session.execute(sa.text("SELECT password_hash FROM users")).scalar_one()
        bodies = session.execute(
            sa.text("SELECT coalesce(after::text, '') FROM audit_entries")
        ).scalars()
        assert stored.startswith("$argon2id$v=19$m=32768,t=3,p=1$")
        assert not any(MADE_UP_PASSWORD in body for body in bodies)


def test_the_same_change_again_changes_nothing_and_is_not_recorded(database: Database):
    user = a_user(database)
    for _ in range(2):
        with database.transaction() as session:
            users.change_user(session, user.id, actor=SYSTEM, now=NOW, role=Role.OPERATIONS)
    assert (
        count(database, "SELECT count(*) FROM audit_entries WHERE action = 'users.user_changed'")
        == 1
    )


def test_unknown_users_can_not_be_changed(database: Database):
    with pytest.raises(UnknownUser), database.transaction() as session:
        users.change_user(session, "usr_none", actor=SYSTEM, now=NOW, is_disabled=True)
    with pytest.raises(UnknownUser), database.transaction() as session:
        users.set_password(session, "usr_none", password=MADE_UP_PASSWORD, actor=SYSTEM, now=NOW)


def test_the_last_it_admin_stays(database: Database):
    admin = a_user(database, "admin", Role.IT_ADMIN)
    disabled = a_user(database, "old", Role.IT_ADMIN)
    with database.transaction() as session:
        users.change_user(session, disabled.id, actor=SYSTEM, now=NOW, is_disabled=True)

    with pytest.raises(LastAdmin), database.transaction() as session:
        users.change_user(session, admin.id, actor=SYSTEM, now=NOW, is_disabled=True)
    with pytest.raises(LastAdmin), database.transaction() as session:
        users.change_user(session, admin.id, actor=SYSTEM, now=NOW, role=Role.OPERATIONS)

    with database.read() as session:
        assert users.load_user(session, admin.id) == admin


def test_admins_removing_each_other_at_once_leave_one(database: Database):
    admins = [a_user(database, f"admin{number}", Role.IT_ADMIN) for number in range(4)]

    def remove_next(number: int) -> None:
        with database.transaction() as session:
            users.change_user(
                session,
                admins[(number + 1) % 4].id,
                actor=admins[number].as_actor(),
                now=NOW,
                is_disabled=True,
            )

    results = race(remove_next, 4)

    assert [type(one) for one in results if one is not None] == [LastAdmin]
    assert count(database, "SELECT count(*) FROM users WHERE disabled_at IS NULL") == 1


def test_right_password_signs_in_and_is_recorded(database: Database):
    user = a_user(database)
    came_to = sign_in(database, username=" LI.NA ")
    assert isinstance(came_to, users.SignedIn)
    assert came_to.user.id == user.id
    with database.read() as session:
        entry = users.list_entries(session, users.AuditFilter(action="users.sign_in")).items[0]
    assert (entry.fact.actor_id, entry.fact.after) == (user.id, {"remote": HERE})


@pytest.mark.parametrize(
    ("username", "password"), [("li.na", "wrong password"), ("nobody", MADE_UP_PASSWORD)]
)
def test_wrong_pair_is_refused_alike_and_recorded(database: Database, username: str, password: str):
    a_user(database)
    came_to = sign_in(database, password, username=username)
    assert isinstance(came_to, users.SignInRefused)
    assert isinstance(came_to.error, WrongCredentials)
    assert came_to.error.details == {}
    with database.read() as session:
        page = users.list_entries(session, users.AuditFilter(action="users.sign_in_failed"))
    assert len(page.items) == 1
    assert "nobody" not in str(page.items[0].fact)


def test_an_unknown_user_costs_a_comparison_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    compared: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            compared.append(str(hash)[:30])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Watched())
    a_user(database)
    sign_in(database, "wrong password")
    sign_in(database, "wrong password", username="nobody")
    nobody = passwords._nobody[:30]
    assert compared == ["$argon2id$v=19$m=65536,t=3,p=4", nobody]


def test_disabled_user_is_refused_like_a_wrong_password(database: Database):
    a_user(database, "admin", Role.IT_ADMIN)
    user = a_user(database)
    with database.transaction() as session:
        users.change_user(session, user.id, actor=SYSTEM, now=NOW, is_disabled=True)
    assert isinstance(sign_in(database), users.SignInRefused)


def test_the_fifth_failure_locks_and_the_right_password_waits_too(database: Database):
    a_user(database)
    for _ in range(5):
        assert isinstance(sign_in(database, "wrong password"), users.SignInRefused)

    with pytest.raises(TooManyTries) as refused:
        sign_in(database)
    assert refused.value.details == {"seconds": 15}

    assert isinstance(sign_in(database, now=NOW + timedelta(seconds=15)), users.SignedIn)
    assert isinstance(
        sign_in(database, "wrong password", now=NOW + timedelta(seconds=16)), users.SignInRefused
    )


def test_a_stranger_elsewhere_does_not_lock_her_own_desk(database: Database):
    a_user(database)
    for _ in range(5):
        sign_in(database, "wrong password", address="198.51.100.9")
    with pytest.raises(TooManyTries):
        sign_in(database, address="198.51.100.9")
    assert isinstance(sign_in(database), users.SignedIn)


def test_trying_many_names_from_one_address_locks_the_address(database: Database):
    a_user(database)
    with database.transaction() as session:
        for number in range(50):
            users.take_try(session, f"name{number}", remote_address=HERE, now=NOW)
    with pytest.raises(TooManyTries):
        sign_in(database)


def test_racing_guesses_are_all_counted_before_any_is_compared(database: Database):
    a_user(database)

    def guess(_: int) -> object:
        with database.transaction() as session:
            return users.take_try(session, "li.na", remote_address=HERE, now=NOW)

    results = race(guess, 12)

    assert sum(isinstance(one, users.Try) for one in results) == 5
    assert sum(isinstance(one, TooManyTries) for one in results) == 7


def test_password_hashed_with_older_parameters_is_hashed_again(database: Database):
    user = a_user(database)
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(MADE_UP_PASSWORD)
    with database.transaction() as session:
        session.execute(sa.text("UPDATE users SET password_hash = :old"), {"old": old})

    assert isinstance(sign_in(database), users.SignedIn)

    with database.read() as session:
        stored = session.execute(sa.text("SELECT password_hash FROM users")).scalar_one()
    assert "m=32768,t=3" in stored
    assert isinstance(sign_in(database), users.SignedIn)
    assert user.username == "li.na"


def test_old_counts_are_forgotten(database: Database):
    sign_in(database, "wrong password", username="nobody")
    sign_in(database, "wrong password", username="other", now=NOW + timedelta(days=2))
    assert count(database, "SELECT count(*) FROM sign_in_tries") == 3


def test_typed_names_are_not_kept(database: Database):
    sign_in(database, "x", username="13800138000")
    with database.read() as session:
        kept = str(session.execute(sa.text("SELECT * FROM sign_in_tries")).all())
        kept += str(session.execute(sa.text("SELECT * FROM audit_entries")).all())
    assert "13800138000" not in kept
