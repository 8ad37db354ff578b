"""Warehouses, stock levels, reservations, the stock ledger and photographs.

The functions decide and write a whole batch of reservations in one call. Their plans must not
depend on how full the tables were when they were first planned, hence the planner settings:
every table is reached by index from the arrays.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_inventory"
down_revision = "0003_users"

BY_INDEX = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"

# Raises YN002 when an owner got a reservation elsewhere meanwhile.
WRITE = f"""
CREATE FUNCTION inventory_write(
  p_at timestamptz,
  p_id text[], p_owner text[], p_warehouse text[], p_is_paid boolean[], p_expires_at timestamptz[],
  p_line_id text[], p_line_owner text[], p_line_warehouse text[], p_line_sku text[],
  p_line_quantity bigint[], p_line_cause text[],
  p_key_sku text[], p_key_warehouse text[], p_key_demand bigint[]
) RETURNS void LANGUAGE plpgsql {BY_INDEX} AS $$
DECLARE
  v_written bigint;
BEGIN
  INSERT INTO reservations
    (id, owner, warehouse, state, is_paid, expires_at, created_at, changed_at)
  SELECT r.id, r.owner, r.warehouse, 'reserved', r.is_paid, r.expires_at, p_at, p_at
  FROM unnest(p_id, p_owner, p_warehouse, p_is_paid, p_expires_at)
    AS r (id, owner, warehouse, is_paid, expires_at)
  ORDER BY r.owner
  ON CONFLICT (owner) WHERE state IN ('reserved', 'allocated', 'deducted') DO NOTHING;
  GET DIAGNOSTICS v_written = ROW_COUNT;
  IF v_written <> cardinality(p_id) THEN
    RAISE EXCEPTION 'an owner was served elsewhere meanwhile' USING ERRCODE = 'YN002';
  END IF;
  INSERT INTO reservation_lines (reservation_id, sku, warehouse, quantity, open)
  SELECT l.id, l.sku, l.warehouse, l.quantity, l.quantity
  FROM unnest(p_line_id, p_line_sku, p_line_warehouse, p_line_quantity)
    AS l (id, sku, warehouse, quantity);
  UPDATE stock_levels s SET reserved = s.reserved + k.demand, version = s.version + 1
  FROM unnest(p_key_sku, p_key_warehouse, p_key_demand) AS k (sku, warehouse, demand)
  WHERE s.sku = k.sku AND s.warehouse = k.warehouse;
  INSERT INTO stock_ledger (at, kind, sku, warehouse, reserved_delta, effective_at, cause, owner)
  SELECT p_at, 'reserved', l.sku, l.warehouse, l.quantity, p_at, l.cause, l.owner
  FROM unnest(p_line_sku, p_line_warehouse, p_line_quantity, p_line_cause, p_line_owner)
    AS l (sku, warehouse, quantity, cause, owner);
END $$
"""

# 'done', or without any effect or lock kept: 'held' (an owner holds a reservation already) or
# 'short' (not everything fits where it was wanted first).
RESERVE_FITTING = f"""
CREATE FUNCTION inventory_reserve_fitting(
  p_at timestamptz,
  p_id text[], p_owner text[], p_warehouse text[], p_is_paid boolean[], p_expires_at timestamptz[],
  p_line_id text[], p_line_owner text[], p_line_warehouse text[], p_line_sku text[],
  p_line_quantity bigint[], p_line_cause text[],
  p_key_sku text[], p_key_warehouse text[], p_key_demand bigint[]
) RETURNS text LANGUAGE plpgsql {BY_INDEX} AS $$
DECLARE
  v_fitting bigint;
BEGIN
  PERFORM 1 FROM reservations r
  WHERE r.owner = ANY (p_owner) AND r.state IN ('reserved', 'allocated', 'deducted') LIMIT 1;
  IF FOUND THEN
    RETURN 'held';
  END IF;
  SELECT count(*) INTO v_fitting
  FROM unnest(p_key_sku, p_key_warehouse, p_key_demand) AS k (sku, warehouse, demand)
  JOIN stock_levels s ON s.sku = k.sku AND s.warehouse = k.warehouse
  JOIN warehouses w ON w.code = s.warehouse AND w.is_active
  WHERE s.on_hand - s.allocated - s.reserved - s.safety_stock >= k.demand;
  IF v_fitting <> cardinality(p_key_sku) THEN
    RETURN 'short';
  END IF;
  BEGIN
    SELECT count(*) INTO v_fitting FROM (
      SELECT s.on_hand - s.allocated - s.reserved - s.safety_stock AS free, k.demand
      FROM unnest(p_key_sku, p_key_warehouse, p_key_demand) AS k (sku, warehouse, demand)
      JOIN stock_levels s ON s.sku = k.sku AND s.warehouse = k.warehouse
      ORDER BY s.sku, s.warehouse
      FOR NO KEY UPDATE OF s
    ) AS locked WHERE locked.free >= locked.demand;
    IF v_fitting <> cardinality(p_key_sku) THEN
      RAISE EXCEPTION 'taken by another process meanwhile' USING ERRCODE = 'YN001';
    END IF;
    PERFORM inventory_write(
      p_at, p_id, p_owner, p_warehouse, p_is_paid, p_expires_at,
      p_line_id, p_line_owner, p_line_warehouse, p_line_sku, p_line_quantity, p_line_cause,
      p_key_sku, p_key_warehouse, p_key_demand);
    RETURN 'done';
  EXCEPTION
    WHEN SQLSTATE 'YN001' THEN RETURN 'short';
    WHEN SQLSTATE 'YN002' THEN RETURN 'held';
  END;
END $$
"""

# Tries are (request, warehouse) in arrival and preference order; try t owns the rows
# p_try_from[t] .. p_try_to[t], each a key and a quantity. Locks every key, takes the first
# try of each request that holds everything, and tells what was missing in the others.
PLACE_IN_ORDER = f"""
CREATE FUNCTION inventory_place_in_order(
  p_key_sku text[], p_key_warehouse text[],
  p_try_request int[], p_try_from int[], p_try_to int[], p_row_key int[], p_row_quantity bigint[],
  OUT chosen int[], OUT missing_row int[], OUT missing bigint[]
) LANGUAGE plpgsql {BY_INDEX} AS $$
DECLARE
  v_free bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_key_sku)]);
  v_level record;
  v_fits boolean;
  v_lack bigint;
BEGIN
  chosen := '{{}}'; missing_row := '{{}}'; missing := '{{}}';
  FOR v_level IN
    SELECT k.place, s.on_hand - s.allocated - s.reserved - s.safety_stock AS free, w.is_active
    FROM unnest(p_key_sku, p_key_warehouse) WITH ORDINALITY AS k (sku, warehouse, place)
    JOIN stock_levels s ON s.sku = k.sku AND s.warehouse = k.warehouse
    JOIN warehouses w ON w.code = s.warehouse
    ORDER BY s.sku, s.warehouse
    FOR NO KEY UPDATE OF s
  LOOP
    IF v_level.is_active THEN
      v_free[v_level.place] := greatest(v_level.free, 0);
    END IF;
  END LOOP;
  FOR t IN 1 .. cardinality(p_try_request) LOOP
    IF cardinality(chosen) > 0 AND p_try_request[chosen[cardinality(chosen)]] = p_try_request[t]
    THEN
      CONTINUE;
    END IF;
    v_fits := true;
    FOR i IN p_try_from[t] .. p_try_to[t] LOOP
      v_lack := p_row_quantity[i] - v_free[p_row_key[i]];
      IF v_lack > 0 THEN
        v_fits := false;
        missing_row := missing_row || i;
        missing := missing || v_lack;
      END IF;
    END LOOP;
    IF v_fits THEN
      chosen := chosen || t;
      FOR i IN p_try_from[t] .. p_try_to[t] LOOP
        v_free[p_row_key[i]] := v_free[p_row_key[i]] - p_row_quantity[i];
      END LOOP;
    END IF;
  END LOOP;
END $$
"""

FORBID = """
CREATE FUNCTION stock_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the stock ledger is append-only';
END $$
"""
FORBID_TRIGGER = """
CREATE TRIGGER stock_ledger_append_only BEFORE UPDATE OR DELETE ON stock_ledger
FOR EACH STATEMENT EXECUTE FUNCTION stock_ledger_is_append_only()
"""


def _number(name: str, default: str | None = "0") -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=default)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "warehouses",
        sa.Column("code", sa.Text, primary_key=True),
        _text("name"),
        _text("province"),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("serves", postgresql.JSONB, nullable=False),
        sa.Column("cut_off", sa.Time),
        _text("counted_by"),
        sa.CheckConstraint("counted_by IN ('erp', 'wms')", name="warehouses_counted_by_check"),
    )
    counters = ["on_hand", "reserved", "allocated", "safety_stock", "in_flight", "shortfall"]
    op.create_table(
        "stock_levels",
        sa.Column("sku", sa.Text, primary_key=True),
        sa.Column(
            "warehouse",
            sa.Text,
            sa.ForeignKey("warehouses.code", name="stock_levels_warehouse_fkey"),
            primary_key=True,
        ),
        *[_number(name) for name in counters],
        _number("changed"),
        _number("photo_quantity"),
        _time("photo_at", nullable=True),
        _text("photo_source", nullable=True),
        _number("version"),
        *[
            sa.CheckConstraint(f"{name} >= 0", name=f"stock_levels_{name}_check")
            for name in counters
        ],
        sa.CheckConstraint(
            "on_hand + shortfall - allocated - reserved - safety_stock >= 0",
            name="stock_levels_never_oversold_check",
        ),
    )
    # Room on the page: a hot SKU is rewritten hundreds of times a second.
    op.execute("ALTER TABLE stock_levels SET (fillfactor = 40)")
    _create_reservations()
    _create_ledger()
    for function in (WRITE, RESERVE_FITTING, PLACE_IN_ORDER, FORBID, FORBID_TRIGGER):
        op.execute(function)


def _create_reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("id", sa.Text, primary_key=True),
        _text("owner"),
        _text("warehouse"),
        _text("state"),
        sa.Column("is_paid", sa.Boolean, nullable=False),
        _time("expires_at"),
        _time("created_at"),
        _time("changed_at"),
        _time("sweep_after", nullable=True),
        sa.CheckConstraint(
            "state IN ('reserved', 'allocated', 'deducted', 'released', 'lapsed')",
            name="reservations_state_check",
        ),
    )
    op.execute("ALTER TABLE reservations SET (fillfactor = 80)")
    for name, columns, unique, where in (
        ("owner_held", ["owner"], True, "state IN ('reserved', 'allocated', 'deducted')"),
        ("owner_ended", ["owner", "id"], False, "state IN ('released', 'lapsed')"),
        ("unpaid_expiry", ["expires_at"], False, "state = 'reserved' AND NOT is_paid"),
        ("paid_expiry", ["expires_at"], False, "state = 'reserved' AND is_paid"),
    ):
        op.create_index(
            f"reservations_{name}_idx",
            "reservations",
            columns,
            unique=unique,
            postgresql_where=sa.text(where),
        )
    op.create_table(
        "reservation_lines",
        sa.Column("reservation_id", sa.Text, primary_key=True),
        sa.Column("sku", sa.Text, primary_key=True),
        _text("warehouse"),
        _number("quantity", None),
        _number("open", None),
        _number("deducted"),
        sa.CheckConstraint("quantity > 0", name="reservation_lines_quantity_check"),
        sa.CheckConstraint("open >= 0", name="reservation_lines_open_check"),
        sa.CheckConstraint("deducted >= 0", name="reservation_lines_deducted_check"),
        sa.CheckConstraint(
            "open + deducted <= quantity", name="reservation_lines_within_quantity_check"
        ),
    )
    op.create_index(
        "reservation_lines_open_idx",
        "reservation_lines",
        ["sku", "reservation_id"],
        postgresql_where=sa.text("open > 0"),
    )


def _create_ledger() -> None:
    deltas = ["on_hand", "reserved", "allocated", "in_flight", "safety", "shortfall"]
    op.create_table(
        "stock_ledger",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _time("at"),
        _text("kind"),
        _text("sku"),
        _text("warehouse"),
        *[_number(f"{name}_delta") for name in deltas],
        _number("moved"),
        _time("effective_at"),
        _text("cause"),
        _text("owner", nullable=True),
        _text("key", nullable=True),
    )
    for name, columns, unique, where in (
        ("sku", ["sku", "id"], False, None),
        ("moved", ["sku", "warehouse", "effective_at"], False, "moved <> 0"),
        ("key", ["key", "sku", "warehouse"], True, "key IS NOT NULL"),
    ):
        op.create_index(
            f"stock_ledger_{name}_idx",
            "stock_ledger",
            columns,
            unique=unique,
            postgresql_where=sa.text(where) if where else None,
        )
    op.create_table(
        "stock_photographs",
        sa.Column("sku", sa.Text, primary_key=True),
        sa.Column(
            "warehouse",
            sa.Text,
            sa.ForeignKey("warehouses.code", name="stock_photographs_warehouse_fkey"),
            primary_key=True,
        ),
        sa.Column("source", sa.Text, primary_key=True),
        _number("quantity", None),
        _number("open", None),
        _number("locked", None),
        _time("as_of"),
        sa.CheckConstraint("source IN ('erp', 'wms')", name="stock_photographs_source_check"),
    )


def downgrade() -> None:
    for table in (
        "stock_photographs",
        "stock_ledger",
        "reservation_lines",
        "reservations",
        "stock_levels",
        "warehouses",
    ):
        op.drop_table(table)
    for function in (
        "stock_ledger_is_append_only",
        "inventory_place_in_order",
        "inventory_reserve_fitting",
        "inventory_write",
    ):
        op.execute(f"DROP FUNCTION {function}")
