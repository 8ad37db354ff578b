/** J and K move a cursor through a list, Enter opens; what is open follows the cursor. */
import { useRef, useState } from "react";
import { useCommands } from "./keyboard";

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

export function useRowCursor(options: {
  keys: readonly string[];
  open: string | undefined;
  onOpen: (key: string, how: "push" | "replace") => void;
}): string | undefined {
  const { keys, open, onOpen } = options;
  const [cursor, setCursor] = useState<string | undefined>(open);
  const was = useRef(-1);
  const key = open ?? cursor;
  const move = (steps: number) => {
    const next = moved(keys, key, steps, was.current);
    if (next === undefined) return;
    // Else Enter would press the button that was used last, and not open the row.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    was.current = keys.indexOf(next);
    setCursor(next);
    if (open !== undefined) onOpen(next, "replace");
  };
  useCommands({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => {
      if (key !== undefined) onOpen(key, "push");
    },
  });
  return key;
}
