"""Roles, the permission table (the only one), and actors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a person is to the product; a role is a set of permissions."""

    OPERATIONS = "operations"
    CUSTOMER_SERVICE = "customer_service"
    STORE_MANAGER = "store_manager"
    IT_ADMIN = "it_admin"


class Permission(Enum):
    """One thing that may be allowed; also the scopes that an API token can have."""

    ORDERS_READ = "orders.read"
    ORDERS_REVEAL = "orders.reveal"
    ORDERS_CANCEL = "orders.cancel"
    ORDERS_HOLD = "orders.hold"
    ORDERS_RETRY = "orders.retry"
    ORDERS_TAG = "orders.tag"
    PAYMENTS_READ = "payments.read"
    PAYMENTS_RECONCILE = "payments.reconcile"
    STOCK_READ = "stock.read"
    STOCK_RECONCILE = "stock.reconcile"
    EXCEPTIONS_READ = "exceptions.read"
    EXCEPTIONS_RESOLVE = "exceptions.resolve"
    CONNECTORS_READ = "connectors.read"
    CONNECTORS_CHECK = "connectors.check"
    SANDBOX_CONTROL = "sandbox.control"
    AUDIT_READ = "audit.read"
    AUDIT_VERIFY = "audit.verify"
    USERS_MANAGE = "users.manage"
    TOKENS_MANAGE = "tokens.manage"
    CATALOG_READ = "catalog.read"
    CATALOG_WRITE = "catalog.write"
    SHOPS_READ = "shops.read"
    SHOPS_WRITE = "shops.write"
    ADDRESSES_READ = "addresses.read"
    ADDRESSES_CORRECT = "addresses.correct"
    MESSAGES_READ = "messages.read"
    MESSAGES_CONFIRM = "messages.confirm"
    ORDERS_IMPORT = "orders.import"
    ORDERS_SUBMIT = "orders.submit"


_DESK = frozenset(
    {
        Permission.ORDERS_READ,
        Permission.ORDERS_REVEAL,
        Permission.ORDERS_CANCEL,
        Permission.ORDERS_HOLD,
        Permission.ORDERS_RETRY,
        Permission.ORDERS_TAG,
        Permission.STOCK_READ,
        Permission.EXCEPTIONS_READ,
        Permission.EXCEPTIONS_RESOLVE,
        Permission.CATALOG_READ,
        Permission.ADDRESSES_READ,
        Permission.ADDRESSES_CORRECT,
        Permission.MESSAGES_READ,
        Permission.MESSAGES_CONFIRM,
    }
)

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.CUSTOMER_SERVICE: _DESK,
    Role.OPERATIONS: _DESK
    | {
        Permission.CONNECTORS_READ,
        Permission.CONNECTORS_CHECK,
        Permission.STOCK_RECONCILE,
        Permission.CATALOG_WRITE,
        Permission.AUDIT_READ,
        Permission.PAYMENTS_READ,
        Permission.PAYMENTS_RECONCILE,
        Permission.SHOPS_READ,
        Permission.SHOPS_WRITE,
        Permission.ORDERS_IMPORT,
    },
    Role.STORE_MANAGER: _DESK
    | {
        Permission.AUDIT_READ,
        Permission.CONNECTORS_READ,
        Permission.PAYMENTS_READ,
        Permission.PAYMENTS_RECONCILE,
        Permission.SHOPS_READ,
        Permission.ORDERS_IMPORT,
    },
    Role.IT_ADMIN: frozenset(Permission),
}


class ActorKind(Enum):
    """What acts: a person, a program with an API token, or the product itself."""

    USER = "user"
    TOKEN = "token"  # noqa: S105 - a kind, not a secret
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, and what that one may do."""

    id: str
    name: str
    role: Role | None
    permissions: frozenset[Permission]
    kind: ActorKind

    def may(self, permission: Permission) -> bool:
        """Tell whether this is allowed."""
        return permission in self.permissions


SYSTEM = Actor(
    id="system",
    name="system",
    role=None,
    permissions=frozenset(Permission),
    kind=ActorKind.SYSTEM,
)
