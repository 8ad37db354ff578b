/** The order desk's filters as they stand in the URL, and what is asked of the server for them. */
import type { OrderSort, OrderView } from "@/api/types";
import type { Filters } from "@/kit/search";

export type OrderFilter = "view" | "q" | "sku" | "tag" | "shop" | "sort" | "open";
export type OrderFilters = Filters<OrderFilter>;

export const VIEWS: readonly OrderView[] = [
  "all",
  "unpaid",
  "waiting",
  "held",
  "reserved",
  "sending",
  "in_warehouse",
  "shipped",
  "cancelled",
  "refunded",
];
const SORTS: readonly OrderSort[] = ["-placed_at", "placed_at", "-total", "total", "expires_at"];
export const PAGE_ROWS = 100;

export interface OrderQuery {
  view: OrderView;
  sort: OrderSort;
  limit: number;
  q?: string;
  sku?: string;
  tag?: string;
  shop?: string;
}

/** An address that somebody has edited by hand falls back to the usual view and sort. */
export function queryOf(filters: OrderFilters): OrderQuery {
  const query: OrderQuery = {
    view: VIEWS.find((view) => view === filters.view) ?? "all",
    sort: SORTS.find((sort) => sort === filters.sort) ?? "-placed_at",
    limit: PAGE_ROWS,
  };
  for (const name of ["q", "sku", "tag", "shop"] as const) {
    const value = filters[name]?.trim();
    if (value !== undefined && value !== "") query[name] = value;
  }
  return query;
}

/** What a saved view keeps: the filters, not what happened to be open. */
export function savedPart(filters: OrderFilters): OrderFilters {
  const { open: _open, ...kept } = filters;
  return kept;
}

export function isSameFilter(one: OrderFilters, other: OrderFilters): boolean {
  const text = (filters: OrderFilters) =>
    JSON.stringify(
      Object.entries(savedPart(filters))
        .filter(([, value]) => value)
        .sort(),
    );
  return text(one) === text(other);
}
