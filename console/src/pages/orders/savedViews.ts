/** Filters that this browser keeps under a name. */
import { useCallback, useState } from "react";
import { type OrderFilters, savedPart } from "./search";

const PLACE = "yinuo.orders.views";
const MOST = 20;

export interface SavedView {
  name: string;
  filters: OrderFilters;
}

/** Read what is kept; anything that is not ours counts as nothing. */
export function readViews(stored: string | null): SavedView[] {
  if (stored === null) return [];
  try {
    const read: unknown = JSON.parse(stored);
    return Array.isArray(read) ? read.filter(isView) : [];
  } catch {
    return [];
  }
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== "object" || value === null) return false;
  const { name, filters } = value as { name?: unknown; filters?: unknown };
  return typeof name === "string" && typeof filters === "object" && filters !== null;
}

/** The same name again replaces the view. */
export function withView(views: readonly SavedView[], added: SavedView): SavedView[] {
  return [...views.filter((view) => view.name !== added.name), added].slice(-MOST);
}

export function useSavedViews() {
  const [views, setViews] = useState(() => readViews(localStorage.getItem(PLACE)));
  const keep = useCallback((next: SavedView[]) => {
    localStorage.setItem(PLACE, JSON.stringify(next));
    setViews(next);
  }, []);
  return {
    views,
    save: (name: string, filters: OrderFilters) =>
      keep(withView(views, { name, filters: savedPart(filters) })),
    remove: (name: string) => keep(views.filter((view) => view.name !== name)),
  };
}
