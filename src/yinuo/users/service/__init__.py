"""The verbs of users; the parts stand in the files beside this one.

accounts   add, change and disable users; passwords
sign_in    tries, their lock-out, and what a right or wrong password does
sessions   the console's sessions
tokens     API tokens
audit      record, list and verify
"""

from yinuo.users.service.accounts import (
    add_user,
    change_password,
    change_user,
    find_user,
    list_users,
    load_user,
    set_password,
)
from yinuo.users.service.audit import AuditFilter, list_entries, record, verify_chain
from yinuo.users.service.passwords import hash_password
from yinuo.users.service.sessions import (
    OpenedSession,
    SessionActor,
    actor_for_session,
    close_session,
    list_sessions,
    open_session,
    touch_session,
)
from yinuo.users.service.sign_in import (
    SignedIn,
    SignInRefused,
    Try,
    authenticate,
    finish_try,
    take_try,
)
from yinuo.users.service.tokens import (
    CreatedToken,
    TokenActor,
    actor_for_token,
    create_token,
    list_tokens,
    revoke_token,
    touch_token,
)

__all__ = [
    "AuditFilter",
    "CreatedToken",
    "OpenedSession",
    "SessionActor",
    "SignInRefused",
    "SignedIn",
    "TokenActor",
    "Try",
    "actor_for_session",
    "actor_for_token",
    "add_user",
    "authenticate",
    "change_password",
    "change_user",
    "close_session",
    "create_token",
    "find_user",
    "finish_try",
    "hash_password",
    "list_entries",
    "list_sessions",
    "list_tokens",
    "list_users",
    "load_user",
    "open_session",
    "record",
    "revoke_token",
    "set_password",
    "take_try",
    "touch_session",
    "touch_token",
    "verify_chain",
]
