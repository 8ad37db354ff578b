"""The two ways to K3's stock: a customer-made HTTP bridge, or a read-only login on its database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Protocol
from urllib.parse import unquote, urlencode, urlsplit

import msgspec
import psycopg

from yinuo.connectors.http import Answer, Operation, Outside, Request
from yinuo.connectors.kingdee_k3.mapping import (
    Booked,
    bridge_lines,
    chunks,
    stock_lines,
    whole,
)
from yinuo.connectors.kingdee_k3.settings import KingdeeSettings
from yinuo.connectors.protocols import (
    OutcomeUnknown,
    Rejected,
    StockLine,
    StockPhotograph,
    Unavailable,
)
from yinuo.core import clock
from yinuo.core.errors import JsonValue

BRIDGE = Operation(name="bridge/stock", is_repeatable=True)
SQL = Operation(name="sql/stock", is_repeatable=True)
SKUS_A_QUESTION = 100

# The only statement that is ever sent: one SELECT, the same on SQL Server and PostgreSQL. One
# statement sees one moment, so on hand and open demand belong together.
_STATEMENT = """
SELECT i.FNumber, s.FNumber, SUM(v.FQty), 0
FROM ICInventory v
JOIN t_ICItem i ON i.FItemID = v.FItemID
JOIN t_Stock s ON s.FItemID = v.FStockID
WHERE {some}
GROUP BY i.FNumber, s.FNumber
UNION ALL
SELECT i.FNumber, '', 0, SUM(e.FQty - e.FStockQty)
FROM SEOrder o
JOIN SEOrderEntry e ON e.FInterID = o.FInterID
JOIN t_ICItem i ON i.FItemID = e.FItemID
WHERE o.FCancellation = 0 AND o.FClosed = 0 AND e.FQty > e.FStockQty AND {some}
GROUP BY i.FNumber
"""


class StockReader(Protocol):
    """Reads K3's stock."""

    def __init__(self, settings: KingdeeSettings, outside: Outside) -> None:
        """Read as the settings say, through this outside system."""

    def read(self, skus: Sequence[str] | None) -> StockPhotograph:
        """Return stock of these SKUs, of all when None."""


class BridgeStock:
    """Stock by the HTTP bridge."""

    def __init__(self, settings: KingdeeSettings, outside: Outside) -> None:
        self._settings = settings
        self._outside = outside

    def read(self, skus: Sequence[str] | None) -> StockPhotograph:
        """Return stock as the bridge tells it, as of its oldest line."""
        moments = [clock.now()]
        lines: list[StockLine] = []
        for wanted in [None] if skus is None else chunks(skus, SKUS_A_QUESTION):
            found, as_of = self._outside.call(
                BRIDGE, partial(self._request, wanted), self._understand
            )
            lines += found
            moments += as_of
        return StockPhotograph(as_of=min(moments), lines=tuple(lines))

    def _request(self, skus: Sequence[str] | None) -> Request:
        query = "" if skus is None else "?" + urlencode({"itemCodes": ",".join(skus)})
        secret = self._settings.bridge_secret.get_secret_value()
        return Request(
            method="GET",
            url=self._settings.bridge_address + query,
            headers={"x-bridge-secret": secret} if secret else {},
        )

    def _understand(self, answer: Answer) -> tuple[list[StockLine], list[datetime]]:
        if answer.status >= 400:
            raise Rejected(outside_code=f"HTTP {answer.status}", outside_message="")
        return bridge_lines(decoded(answer), self._settings)


class SqlStock:
    """Stock by a read-only login on the account set's database."""

    def __init__(self, settings: KingdeeSettings, outside: Outside) -> None:
        self._settings = settings
        self._outside = outside

    def read(self, skus: Sequence[str] | None) -> StockPhotograph:
        """Return stock as booked, each question as of one moment."""
        as_of = clock.now()
        lines: list[StockLine] = []
        for wanted in [None] if skus is None else chunks(skus, SKUS_A_QUESTION):
            lines += self._outside.run(SQL, partial(self._ask, wanted))
        return StockPhotograph(as_of=as_of, lines=tuple(lines))

    def _ask(self, skus: Sequence[str] | None) -> tuple[StockLine, ...]:
        some = "1 = 1"
        if skus is not None:
            some = f"i.FNumber IN ({', '.join(['%s'] * len(skus))})"
        statement = _STATEMENT.format(some=some)
        values = (*(skus or ()), *(skus or ()))
        return _lines(query(self._settings, statement, values), self._settings)


def _lines(
    rows: Sequence[Sequence[str | int | Decimal]], settings: KingdeeSettings
) -> tuple[StockLine, ...]:
    booked: list[Booked] = []
    open_units: dict[str, int] = {}
    for sku, stock, units, wanted in rows:
        if stock:
            booked.append(Booked(sku=str(sku), stock=str(stock), units=whole(Decimal(units))))
        else:
            # Half a unit still ordered is one that cannot be promised.
            open_units[str(sku)] = math.ceil(Decimal(wanted))
    return stock_lines(booked, open_units, settings)


def query(
    settings: KingdeeSettings, statement: str, values: Sequence[str]
) -> list[tuple[str | int | Decimal, ...]]:
    """Return the rows of one SELECT by the driver that the address names.

    Raises Unavailable when the database does not answer, Rejected when it refuses; the address
    and its password are in neither.
    """
    url = settings.sql_url.get_secret_value()
    scheme = urlsplit(url).scheme.partition("+")[0]
    if scheme == "mssql":
        return _sql_server(settings, statement, values)
    if scheme == "postgresql":
        return _postgresql(settings, statement, values)
    raise Rejected(outside_code="unknown_scheme", outside_message=scheme[:20])


def _postgresql(
    settings: KingdeeSettings, statement: str, values: Sequence[str]
) -> list[tuple[str | int | Decimal, ...]]:
    url = settings.sql_url.get_secret_value().replace("postgresql+psycopg:", "postgresql:", 1)
    try:
        with psycopg.connect(url, connect_timeout=math.ceil(settings.connect_seconds)) as login:
            login.read_only = True
            milliseconds = round(settings.read_seconds * 1000)
            login.execute("SELECT set_config('statement_timeout', %s, true)", (str(milliseconds),))
            return login.execute(statement.encode(), values).fetchall()
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise Unavailable(reason=type(error).__name__) from None
    except psycopg.Error as error:
        raise Rejected(outside_code=error.sqlstate or "sql", outside_message="") from None


def _sql_server(
    settings: KingdeeSettings, statement: str, values: Sequence[str]
) -> list[tuple[str | int | Decimal, ...]]:
    try:
        import pymssql  # noqa: PLC0415 - an extra: most installations use the bridge
    except ImportError:
        raise Rejected(
            outside_code="pymssql_missing", outside_message="install yinuo[k3-sql]"
        ) from None
    url = urlsplit(settings.sql_url.get_secret_value())
    try:
        login = pymssql.connect(
            server=url.hostname or "",
            port=str(url.port or 1433),
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
            database=url.path.lstrip("/"),
            login_timeout=math.ceil(settings.connect_seconds),
            timeout=math.ceil(settings.read_seconds),
        )
        try:
            cursor = login.cursor()
            cursor.execute(statement, tuple(values))
            rows: list[tuple[str | int | Decimal, ...]] = cursor.fetchall()
            return rows
        finally:
            login.close()
    except (pymssql.OperationalError, pymssql.InterfaceError) as error:
        raise Unavailable(reason=type(error).__name__) from None
    except pymssql.Error as error:
        raise Rejected(outside_code=type(error).__name__, outside_message="") from None


def decoded(answer: Answer) -> JsonValue:
    """Return the JSON of an answer; raises OutcomeUnknown when it is none."""
    try:
        value: JsonValue = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise OutcomeUnknown(reason="bad_json") from None
    return value
