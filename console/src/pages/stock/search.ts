/** The stock page's filters as they stand in the URL, and what is asked of the server for them. */
import type { StockItem, StockSort } from "@/api/types";
import type { Filters } from "@/kit/search";

export type StockFilter = "q" | "warehouse" | "low" | "sort" | "open";
export type StockFilters = Filters<StockFilter>;
export type StockChange = (changes: StockFilters, how?: "push" | "replace") => void;

const SORTS: readonly StockSort[] = [
  "sku",
  "atp",
  "-atp",
  "on_hand",
  "-on_hand",
  "-reserved",
  "-in_flight",
];
const PAGE_ROWS = 50;

export interface StockQuery {
  sort: StockSort;
  limit: number;
  q?: string;
  warehouse?: string;
  low?: boolean;
}

/** An address that somebody has edited by hand falls back to all SKUs by code. */
export function queryOf(filters: StockFilters): StockQuery {
  const query: StockQuery = {
    sort: SORTS.find((sort) => sort === filters.sort) ?? "sku",
    limit: PAGE_ROWS,
  };
  const q = filters.q?.trim();
  if (q !== undefined && q !== "") query.q = q;
  if (filters.warehouse !== undefined) query.warehouse = filters.warehouse;
  if (filters.low === "true") query.low = true;
  return query;
}

export type StockState = "short" | "out" | "in";

/** Short: more is promised than there is. Out: nothing is left to sell. */
export function stateOf(item: Pick<StockItem, "sellable" | "warehouses">): StockState {
  if (item.warehouses.some((level) => level.shortfall > 0)) return "short";
  return item.sellable <= 0 ? "out" : "in";
}

export function shortfallOf(item: Pick<StockItem, "warehouses">): number {
  return item.warehouses.reduce((sum, level) => sum + level.shortfall, 0);
}

/** +3, −2; an empty text when nothing changed. */
export function signed(delta: number): string {
  if (delta === 0) return "";
  return delta > 0 ? `+${delta}` : `−${-delta}`;
}
