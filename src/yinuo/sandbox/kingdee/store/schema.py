"""The tables of the account set as read-only SQL sees them, in the schema `k3`.

Names and columns are the vendor's (unquoted, so that the same SELECT runs here and on SQL
Server); what the vendor keeps in further columns is JSON beside them.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from yinuo.core.db import Database
from yinuo.sandbox.kingdee.template import HUB_NUMBER_FIELD

READER = "yinuo_k3_reader"

_TABLES = f"""
SELECT pg_advisory_xact_lock(hashtextextended('sandbox.k3', 0));
CREATE SCHEMA IF NOT EXISTS k3;
CREATE SEQUENCE IF NOT EXISTS k3.numbers START 1001;
CREATE SEQUENCE IF NOT EXISTS k3.bills;
CREATE TABLE IF NOT EXISTS k3.t_ICItem (
    FItemID bigint PRIMARY KEY, FNumber text NOT NULL, FName text NOT NULL DEFAULT '');
CREATE UNIQUE INDEX IF NOT EXISTS t_icitem_fnumber ON k3.t_ICItem (lower(FNumber));
CREATE TABLE IF NOT EXISTS k3.t_Stock (
    FItemID bigint PRIMARY KEY, FNumber text NOT NULL, FName text NOT NULL DEFAULT '');
CREATE UNIQUE INDEX IF NOT EXISTS t_stock_fnumber ON k3.t_Stock (lower(FNumber));
CREATE TABLE IF NOT EXISTS k3.t_Organization (
    FItemID bigint PRIMARY KEY, FNumber text NOT NULL, FName text NOT NULL DEFAULT '');
CREATE UNIQUE INDEX IF NOT EXISTS t_organization_fnumber ON k3.t_Organization (lower(FNumber));
CREATE TABLE IF NOT EXISTS k3.ICInventory (
    FItemID bigint NOT NULL, FStockID bigint NOT NULL, FBatchNo text NOT NULL DEFAULT '',
    FAuxPropID bigint NOT NULL DEFAULT 0, FQty numeric(28, 10) NOT NULL,
    PRIMARY KEY (FItemID, FStockID, FBatchNo, FAuxPropID));
CREATE TABLE IF NOT EXISTS k3.SEOrder (
    FInterID bigint PRIMARY KEY, FBillNo text NOT NULL, FDate timestamp NOT NULL,
    FCustID bigint NOT NULL, FStatus smallint NOT NULL DEFAULT 0,
    FCancellation smallint NOT NULL DEFAULT 0, FClosed smallint NOT NULL DEFAULT 0,
    FChecker text NOT NULL DEFAULT '', header jsonb NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS seorder_fbillno ON k3.SEOrder (lower(FBillNo));
CREATE INDEX IF NOT EXISTS seorder_hub_number
    ON k3.SEOrder (lower(coalesce(header->>'{HUB_NUMBER_FIELD}', '')));
CREATE TABLE IF NOT EXISTS k3.SEOrderEntry (
    FInterID bigint NOT NULL REFERENCES k3.SEOrder ON DELETE CASCADE, FEntryID bigint NOT NULL,
    FItemID bigint NOT NULL, FStockID bigint, FQty numeric(28, 10) NOT NULL,
    FStockQty numeric(28, 10) NOT NULL DEFAULT 0, line jsonb NOT NULL,
    PRIMARY KEY (FInterID, FEntryID));
CREATE INDEX IF NOT EXISTS seorderentry_fitemid ON k3.SEOrderEntry (FItemID);
DO $$ BEGIN
    CREATE ROLE {READER} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$;
DO $$ BEGIN
    GRANT {READER} TO CURRENT_USER;
    GRANT USAGE ON SCHEMA k3 TO {READER};
    GRANT SELECT ON k3.t_ICItem, k3.t_Stock, k3.ICInventory, k3.SEOrder, k3.SEOrderEntry
        TO {READER};
EXCEPTION WHEN undefined_object OR insufficient_privilege THEN NULL;
END $$;
"""


def create(database: Database) -> None:
    """Make what is missing: the schema, its tables and the role that may only read them."""
    with database.transaction() as session:
        session.execute(sa.text(_TABLES))


def reader_url(database_url: str) -> str:
    """Return the address for read-only SQL: five tables, SELECT, and nothing else of the database.

    The hub's SQL reader is pointed here in place of the vendor's SQL Server. The path and the
    role ride in `options`, so a client must not set that of its own.
    """
    options = f"-csearch_path=k3 -crole={READER} -cdefault_transaction_read_only=on"
    url = make_url(database_url).update_query_dict({"options": options})
    # libpq takes "+" in an address for itself, not for a space.
    return url.render_as_string(hide_password=False).replace("+-c", "%20-c")
