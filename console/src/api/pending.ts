/**
 * Answers that openapi.json does not describe yet, by the agreed contract. When `make api` brings
 * a path here into schema.d.ts, take it out of this file and alias it in types.ts.
 */
import type { components } from "./schema";

export interface StockTotals {
  on_hand: number;
  reserved: number;
  allocated: number;
  in_flight: number;
  safety: number;
  atp: number;
}

export interface StockLevel extends StockTotals {
  warehouse: string;
  name: string;
  shortfall: number;
  photo_quantity: number | null;
  photo_at: string | null;
}

export interface StockItem {
  sku: string;
  name: string;
  category: string;
  totals: StockTotals;
  warehouses: StockLevel[];
}

export interface StockItemDetail extends StockItem {
  reservations: {
    owner: string;
    order_id: string | null;
    order_number: string | null;
    state: string;
    quantity: number;
    warehouse: string;
    expires_at: string | null;
    is_paid: boolean;
  }[];
  ledger: {
    id: number | string;
    at: string;
    kind: string;
    kind_label: string;
    warehouse: string;
    on_hand_delta: number;
    reserved_delta: number;
    allocated_delta: number;
    in_flight_delta: number;
    cause: string;
    owner: string;
  }[];
}

export interface StockReconciliation {
  checked: number;
  drift: { sku: string; warehouse: string; counter: string; stored: number; recomputed: number }[];
  ran_at: string;
}

type Refusal = components["schemas"]["HTTPValidationError"];

/** One operation as openapi-fetch wants it described. */
interface Operation<Query, Path, Answer> {
  parameters: { query?: Query; path: Path; header?: never; cookie?: never };
  requestBody?: never;
  responses: {
    200: { headers: Record<string, unknown>; content: { "application/json": Answer } };
    422: { headers: Record<string, unknown>; content: { "application/json": Refusal } };
  };
}

interface PathItem<Query, Path> {
  parameters: { query?: Query; header?: never; path?: Path; cookie?: never };
}

type None = Record<string, never>;

export interface PendingPaths {
  "/api/v1/stock": PathItem<never, never> & {
    get: Operation<
      {
        q?: string;
        warehouse?: string;
        low?: boolean;
        sort?: string;
        cursor?: string;
        limit?: number;
      },
      None,
      {
        items: StockItem[];
        next_cursor: string | null;
        as_of: string;
        warehouses: { code: string; name: string }[];
      }
    >;
  };
  "/api/v1/stock/{sku}": PathItem<never, never> & {
    get: Operation<never, { sku: string }, StockItemDetail>;
  };
  "/api/v1/stock/reconcile": PathItem<never, never> & {
    post: Operation<never, None, StockReconciliation>;
  };
}
