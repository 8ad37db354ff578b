"""What can be refused about users, sessions and tokens."""

from __future__ import annotations

from yinuo.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated


class SignInRequired(Unauthenticated):
    """Nobody is signed in, or the session or token is no longer good."""

    code = "users.sign_in_required"


class WrongCredentials(Unauthenticated):
    """The user name or the password is wrong; which one is never told."""

    code = "users.wrong_credentials"


class TooManyTries(TooMany):
    """Signing in failed too often; `seconds` is how long to wait."""

    code = "users.too_many_tries"


class PermissionMissing(Forbidden):
    """The actor lacks `permission`."""

    code = "users.permission_missing"


class ConsoleHeaderMissing(Forbidden):
    """A change with the console's cookie came without the console's header."""

    code = "users.console_header_missing"


class PersonRequired(Forbidden):
    """Only a signed-in person may do this, not a token."""

    code = "users.person_required"


class UnknownUser(NotFound):
    """There is no such user."""

    code = "users.unknown_user"


class UnknownToken(NotFound):
    """There is no such API token."""

    code = "users.unknown_token"


class UnknownSession(NotFound):
    """There is no such session of this user."""

    code = "users.unknown_session"


class UsernameTaken(Conflict):
    """Another user has this user name."""

    code = "users.username_taken"


class LastAdmin(Conflict):
    """This would leave nobody who can manage users."""

    code = "users.last_admin"


class BadUsername(Invalid):
    """A user name is 2 to 40 letters, digits, dots, dashes or underscores."""

    code = "users.bad_username"


class WeakPassword(Invalid):
    """The password is too short, too long, too common, or the user name."""

    code = "users.weak_password"


class ScopeNotHeld(Forbidden):
    """A token would get `scopes` that its maker does not have."""

    code = "users.scope_not_held"


class NoScope(Invalid):
    """A token without any scope is of no use."""

    code = "users.no_scope"
