/** While somebody reads further down, rows change in place and none jumps. */
export interface Settled<Row> {
  rows: Row[];
  /** Rows that came in above and wait until the reader goes back up. */
  held: number;
}

/**
 * Return what to show: the newest list when the reader is at the top, else the rows as they stand
 * with their newest contents, those of further pages after them.
 */
export function settle<Row extends { id: string }>(
  shown: readonly Row[],
  newest: readonly Row[],
  isAway: boolean,
): Settled<Row> {
  if (!isAway || shown.length === 0) return { rows: [...newest], held: 0 };
  const byId = new Map(newest.map((row) => [row.id, row]));
  const known = new Set(shown.map((row) => row.id));
  const lastShown = newest.findLastIndex((row) => known.has(row.id));
  // Nothing of it is left: another list altogether.
  if (lastShown === -1) return { rows: [...newest], held: 0 };
  const kept = shown.map((row) => byId.get(row.id) ?? row);
  const further = newest.slice(lastShown + 1);
  const held = newest.slice(0, lastShown).filter((row) => !known.has(row.id)).length;
  return { rows: [...kept, ...further], held };
}
