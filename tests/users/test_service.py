"""Tests of users against a real database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from tests.users.builders import MADE_UP_PASSWORD, a_user
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import (
    SYSTEM,
    LastAdmin,
    NoScope,
    Permission,
    PersonRequired,
    Role,
    ScopeNotHeld,
    SignInRequired,
    TooManyTries,
    UnknownSession,
    UnknownToken,
    UnknownUser,
    UsernameTaken,
    WeakPassword,
    WrongCredentials,
)

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
HERE = "203.0.113.7"


def sign_in(
    database: Database,
    password: str = MADE_UP_PASSWORD,
    *,
    username: str = "li.na",
    address: str = HERE,
    now: datetime = NOW,
) -> users.SignedIn | users.SignInRefused:
    with database.transaction() as session:
        return users.authenticate(
            session, username=username, password=password, remote_address=address, now=now
        )


def race(work: Callable[[int], object], count: int) -> list[object]:
    """Return what each of `count` threads came to, started together."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = work(number)
        except Exception as error:  # noqa: BLE001 - the result of this thread
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def count(database: Database, statement: str) -> int:
    with database.read() as session:
        return session.execute(sa.text(statement)).scalar_one()


# --- accounts


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


# --- signing in


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


# --- sessions


def open_session(database: Database, username: str = "li.na", now: datetime = NOW) -> str:
    with database.transaction() as session:
        user = users.find_user(session, username)
        opened = users.open_session(session, user, remote_address=HERE, device="Firefox", now=now)
    return opened.token


def who(database: Database, token: str, now: datetime) -> users.SessionActor:
    with database.transaction() as session:
        return users.actor_for_session(session, token, now=now)


def test_session_token_is_stored_only_as_a_hash(database: Database):
    a_user(database)
    token = open_session(database)
    with database.read() as session:
        assert token.encode() not in bytes(
            session.execute(sa.text("SELECT token_hash FROM user_sessions")).scalar_one()
        )
    assert who(database, token, NOW).actor.name == "Li.Na"
    with pytest.raises(SignInRequired):
        who(database, token + "x", NOW)


def test_session_ends_when_idle_for_twelve_hours(database: Database):
    a_user(database)
    token = open_session(database)
    almost = NOW + timedelta(hours=11, minutes=59)
    found = who(database, token, almost)
    assert found.is_due
    with database.transaction() as session:
        users.touch_session(session, found.session_id, now=almost)
    assert not who(database, token, almost).is_due
    who(database, token, NOW + timedelta(hours=23))
    with pytest.raises(SignInRequired):
        who(database, token, NOW + timedelta(hours=24))


def test_session_ends_after_a_week_however_much_it_is_used(database: Database):
    a_user(database)
    token = open_session(database)
    for hours in range(10, 168, 10):
        moment = NOW + timedelta(hours=hours)
        with database.transaction() as session:
            users.touch_session(session, who(database, token, moment).session_id, now=moment)
    with pytest.raises(SignInRequired):
        who(database, token, NOW + timedelta(days=7))


def test_disabling_ends_all_sessions_and_opening_again_does_not_bring_them_back(
    database: Database,
):
    user = a_user(database)
    token = open_session(database)
    for is_disabled in (True, False):
        with database.transaction() as session:
            users.change_user(session, user.id, actor=SYSTEM, now=NOW, is_disabled=is_disabled)
    with pytest.raises(SignInRequired):
        who(database, token, NOW)


def test_changed_role_holds_for_open_sessions_at_once(database: Database):
    user = a_user(database, role=Role.OPERATIONS)
    token = open_session(database)
    assert who(database, token, NOW).actor.may(Permission.STOCK_RECONCILE)
    with database.transaction() as session:
        users.change_user(session, user.id, actor=SYSTEM, now=NOW, role=Role.CUSTOMER_SERVICE)
    assert not who(database, token, NOW).actor.may(Permission.STOCK_RECONCILE)


def test_own_sessions_are_listed_and_ended_one_by_one(database: Database):
    actor = a_user(database).as_actor()
    other = a_user(database, "other").as_actor()
    first, second = open_session(database), open_session(database)
    with database.read() as session:
        listed = users.list_sessions(session, actor, now=NOW)
        assert [one.device for one in listed] == ["Firefox", "Firefox"]

    with pytest.raises(UnknownSession), database.transaction() as session:
        users.close_session(session, other, session_id=listed[1].id, now=NOW)
    for _ in range(2):
        with database.transaction() as session:
            users.close_session(session, actor, session_id=listed[1].id, now=NOW)

    with pytest.raises(SignInRequired):
        who(database, first, NOW)
    assert who(database, second, NOW).session_id == listed[0].id
    assert (
        count(database, "SELECT count(*) FROM audit_entries WHERE action = 'users.sign_out'") == 1
    )


def test_new_password_ends_other_sessions_and_needs_the_current_one(database: Database):
    user = a_user(database)
    mine, elsewhere = open_session(database), open_session(database)

    def change(current: str, password: str) -> None:
        with database.transaction() as session:
            users.change_password(
                session,
                user,
                current=current,
                password=password,
                session_id=users.actor_for_session(session, mine, now=NOW).session_id,
                actor=user.as_actor(),
                now=NOW,
            )

    with pytest.raises(WrongCredentials):
        change("wrong password", "four green ladders")
    with pytest.raises(WeakPassword):
        change(MADE_UP_PASSWORD, "1234567890")
    assert who(database, elsewhere, NOW)

    change(MADE_UP_PASSWORD, "four green ladders")

    assert who(database, mine, NOW).user.id == user.id
    with pytest.raises(SignInRequired):
        who(database, elsewhere, NOW)
    assert isinstance(sign_in(database), users.SignInRefused)
    assert isinstance(sign_in(database, "four green ladders"), users.SignedIn)


# --- tokens


def create_token(
    database: Database, username: str, *scopes: Permission, expires_at: datetime | None = None
) -> users.CreatedToken:
    with database.transaction() as session:
        return users.create_token(
            session,
            users.find_user(session, username).as_actor(),
            name="erp",
            scopes=scopes,
            expires_at=expires_at,
            now=NOW,
        )


def token_actor(database: Database, secret: str, now: datetime = NOW) -> users.TokenActor:
    with database.transaction() as session:
        return users.actor_for_token(session, secret, now=now)


def test_token_acts_with_its_scopes_until_revoked(database: Database):
    admin = a_user(database, "admin", Role.IT_ADMIN)
    created = create_token(database, "admin", Permission.ORDERS_READ)

    found = token_actor(database, created.secret)
    assert found.actor.permissions == {Permission.ORDERS_READ}
    assert (found.actor.id, found.actor.role, found.is_due) == (created.token.id, None, True)
    with database.transaction() as session:
        users.touch_token(session, created.token.id, now=NOW)
    assert not token_actor(database, created.secret).is_due

    for _ in range(2):
        with database.transaction() as session:
            users.revoke_token(session, created.token.id, actor=admin.as_actor(), now=NOW)
    with pytest.raises(SignInRequired):
        token_actor(database, created.secret)
    with database.read() as session:
        (listed,) = users.list_tokens(session)
        actions = [
            entry.fact.action for entry in users.list_entries(session, users.AuditFilter()).items
        ]
    assert (listed.revoked_at, listed.last_used_at) == (NOW, NOW)
    assert actions == ["users.token_revoked", "users.token_created", "users.user_added"]


def test_token_expires(database: Database):
    a_user(database, "admin", Role.IT_ADMIN)
    created = create_token(
        database, "admin", Permission.ORDERS_READ, expires_at=NOW + timedelta(hours=1)
    )
    token_actor(database, created.secret, NOW + timedelta(minutes=59))
    with pytest.raises(SignInRequired):
        token_actor(database, created.secret, NOW + timedelta(hours=1))


def test_token_loses_what_its_owner_loses(database: Database):
    a_user(database, "other", Role.IT_ADMIN)
    admin = a_user(database, "admin", Role.IT_ADMIN)
    created = create_token(database, "admin", Permission.ORDERS_READ, Permission.USERS_MANAGE)
    with database.transaction() as session:
        users.change_user(session, admin.id, actor=SYSTEM, now=NOW, role=Role.OPERATIONS)
    assert token_actor(database, created.secret).actor.permissions == {Permission.ORDERS_READ}
    with database.transaction() as session:
        users.change_user(session, admin.id, actor=SYSTEM, now=NOW, is_disabled=True)
    with pytest.raises(SignInRequired):
        token_actor(database, created.secret)


def test_token_can_not_have_what_its_maker_has_not(database: Database):
    a_user(database)
    with pytest.raises(ScopeNotHeld) as refused:
        create_token(
            database,
            "li.na",
            Permission.USERS_MANAGE,
            Permission.ORDERS_READ,
            Permission.AUDIT_READ,
        )
    assert refused.value.details == {"scopes": ["audit.read", "users.manage"]}
    with pytest.raises(NoScope):
        create_token(database, "li.na")
    assert count(database, "SELECT count(*) FROM api_tokens") == 0


def test_token_makes_no_token(database: Database):
    a_user(database, "admin", Role.IT_ADMIN)
    created = create_token(database, "admin", *Permission)
    actor = token_actor(database, created.secret).actor
    with pytest.raises(PersonRequired), database.transaction() as session:
        users.create_token(
            session, actor, name="x", scopes=[Permission.ORDERS_READ], expires_at=None, now=NOW
        )


def test_unknown_token_can_not_be_revoked(database: Database):
    with pytest.raises(UnknownToken), database.transaction() as session:
        users.revoke_token(session, "tok_none", actor=SYSTEM, now=clock.now())
