/** The audit's filters as they stand in the URL, and what is asked of the server for them. */
import type { Filters } from "@/kit/search";

export type AuditFilter = "actor" | "action" | "object" | "from" | "until" | "open";
export type AuditFilters = Filters<AuditFilter>;
export type AuditChange = (changes: AuditFilters, how?: "push" | "replace") => void;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export interface AuditQuery {
  limit: number;
  actor?: string;
  action?: string;
  object?: string;
  from?: string;
  until?: string;
}

/** Days are Shanghai's, both ends included; one that cannot be read is left out. */
export function queryOf(filters: AuditFilters): AuditQuery {
  const query: AuditQuery = { limit: 50 };
  for (const name of ["actor", "action", "object"] as const) {
    const value = filters[name]?.trim();
    if (value !== undefined && value !== "") query[name] = value;
  }
  if (filters.from !== undefined && DAY.test(filters.from))
    query.from = `${filters.from}T00:00:00+08:00`;
  if (filters.until !== undefined && DAY.test(filters.until))
    query.until = `${filters.until}T23:59:59.999+08:00`;
  return query;
}

export function isNarrowed(filters: AuditFilters): boolean {
  const { open: _open, ...rest } = filters;
  return Object.values(rest).some((value) => value !== undefined && value !== "");
}
