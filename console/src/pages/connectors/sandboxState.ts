/** What a stand-in remembers, made fit to read: figures first, then lists of what it knows. */
export interface StateGroup {
  name: string;
  total: number;
  rows: { name: string; words: string }[];
}

export interface StateSummary {
  figures: { name: string; value: string }[];
  groups: StateGroup[];
}

const MOST_ROWS = 20;

export function summaryOf(state: Readonly<Record<string, unknown>>): StateSummary {
  const summary: StateSummary = { figures: [], groups: [] };
  for (const [name, value] of Object.entries(state)) {
    const entries = entriesOf(value);
    if (entries === null) summary.figures.push({ name, value: wordsOf(value) });
    else if (entries.length > 0)
      summary.groups.push({
        name,
        total: entries.length,
        rows: entries.slice(0, MOST_ROWS).map(([key, one]) => ({ name: key, words: wordsOf(one) })),
      });
  }
  return summary;
}

function entriesOf(value: unknown): [string, unknown][] | null {
  if (Array.isArray(value)) return value.map((one, at) => [String(at + 1), one]);
  if (typeof value === "object" && value !== null) return Object.entries(value);
  return null;
}

/** "status: PAID · total: 25990": one line, without what is empty. */
export function wordsOf(value: unknown): string {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (Array.isArray(value)) return value.length === 0 ? "—" : value.map(wordsOf).join(", ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .filter(([, one]) => !isEmpty(one))
    .map(([name, one]) => `${name}: ${wordsOf(one)}`)
    .join(" · ");
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
