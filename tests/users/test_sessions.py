"""Tests of sessions and API tokens against a real database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.users.builders import HERE, MADE_UP_PASSWORD, NOW, a_user, count, sign_in
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import (
    SYSTEM,
    NoScope,
    Permission,
    PersonRequired,
    Role,
    ScopeNotHeld,
    SignInRequired,
    UnknownSession,
    UnknownToken,
    WeakPassword,
    WrongCredentials,
)


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
