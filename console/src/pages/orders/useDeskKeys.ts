/** J and K move a cursor through the list, Enter opens; an open order follows the cursor. */
import { useRef, useState } from "react";
import type { OrderRow } from "@/api/types";
import { useCommands } from "@/kit/keyboard";
import type { OrderFilters } from "./search";

/**
 * The key `steps` rows from the present one; the first row when there is none yet. A row that has
 * left the list was at `was`: the one that took its place comes next.
 */
export function moved(
  keys: readonly string[],
  from: string | undefined,
  steps: number,
  was = -1,
): string | undefined {
  const at = from === undefined ? -1 : keys.indexOf(from);
  if (at === -1) return keys[Math.min(keys.length - 1, Math.max(0, was))];
  return keys[Math.min(keys.length - 1, Math.max(0, at + steps))];
}

export function useDeskKeys(
  rows: readonly OrderRow[],
  open: string | undefined,
  change: (changes: OrderFilters, how?: "push" | "replace") => void,
) {
  const [cursor, setCursor] = useState<string | undefined>(open);
  const was = useRef(-1);
  const key = open ?? cursor;
  const move = (steps: number) => {
    const ids = rows.map((row) => row.id);
    const next = moved(ids, key, steps, was.current);
    if (next === undefined) return;
    was.current = ids.indexOf(next);
    setCursor(next);
    if (open !== undefined) change({ open: next }, "replace");
  };
  useCommands({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => {
      if (key !== undefined) change({ open: key });
    },
  });
  return { key };
}
