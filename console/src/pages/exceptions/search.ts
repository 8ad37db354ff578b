/** The queue's filters as they stand in the URL, and what is asked of the server for them. */
import type { Role, WorkItemKind, WorkItemState } from "@/api/types";
import type { Filters } from "@/kit/search";

export type QueueFilter = "state" | "kind" | "owner" | "q" | "open";
export type QueueFilters = Filters<QueueFilter>;
export type QueueChange = (changes: QueueFilters, how?: "push" | "replace") => void;

export const STATES: readonly WorkItemState[] = ["open", "claimed", "resolved"];
export const ROLES: readonly Role[] = [
  "operations",
  "customer_service",
  "store_manager",
  "it_admin",
];
const PAGE_ROWS = 50;

export interface QueueQuery {
  state: WorkItemState;
  limit: number;
  kind?: WorkItemKind;
  owner?: Role;
  q?: string;
}

/** An address that somebody has edited by hand falls back to the open items. */
export function queryOf(filters: QueueFilters): QueueQuery {
  const query: QueueQuery = {
    state: STATES.find((state) => state === filters.state) ?? "open",
    limit: PAGE_ROWS,
  };
  const owner = ROLES.find((role) => role === filters.owner);
  if (owner !== undefined) query.owner = owner;
  // The server knows the kinds; one that it does not know is refused in its words.
  if (filters.kind !== undefined) query.kind = filters.kind as WorkItemKind;
  const q = filters.q?.trim();
  if (q !== undefined && q !== "") query.q = q;
  return query;
}

export interface Bucket {
  kind: WorkItemKind;
  label: string;
  count: number;
}

/** The kinds that have items, the fullest first; the chosen one stays in sight when it empties. */
export function bucketsOf(
  counts: Readonly<Partial<Record<WorkItemKind, number>>>,
  labels: Readonly<Partial<Record<WorkItemKind, string>>>,
  chosen: string | undefined,
): Bucket[] {
  const kinds = Object.keys(labels) as WorkItemKind[];
  return kinds
    .map((kind) => ({ kind, label: labels[kind] ?? kind, count: counts[kind] ?? 0 }))
    .filter((bucket) => bucket.count > 0 || bucket.kind === chosen)
    .sort((one, other) => other.count - one.count);
}

export function totalOf(counts: Readonly<Partial<Record<WorkItemKind, number>>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
