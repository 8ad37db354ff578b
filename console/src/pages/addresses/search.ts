/** The page's parts as they stand in the URL. */
export type AddressFilter = "tab" | "open";
export type AddressTab = "queue" | "try" | "aliases" | "accuracy";

export const TABS: readonly AddressTab[] = ["queue", "try", "aliases", "accuracy"];

/** An address that somebody has edited by hand falls back to the queue. */
export function tabOf(value: string | undefined): AddressTab {
  return TABS.find((tab) => tab === value) ?? "queue";
}

/**
 * The row to decide after one that was decided, without those that it settled besides; the one
 * before it when it was the last.
 */
export function after(
  keys: readonly string[],
  decided: string,
  settled: readonly string[] = [],
): string | undefined {
  const left = keys.filter((key) => key === decided || !settled.includes(key));
  const at = left.indexOf(decided);
  if (at === -1) return left[0];
  return left[at + 1] ?? left[at - 1];
}

export interface Piece {
  text: string;
  level: string;
  /** Where the piece begins, which also tells equal pieces apart. */
  at: number;
}

/** A text cut where evidence stands in it; pieces that nothing was read from have no level. */
export function pieces(
  text: string,
  evidence: readonly { level: string; start: number | null; end: number | null }[],
): Piece[] {
  const spans = evidence
    .flatMap((one) =>
      one.start === null || one.end === null
        ? []
        : [{ level: one.level, start: one.start, end: one.end }],
    )
    .sort((one, other) => one.start - other.start);
  const found: Piece[] = [];
  let at = 0;
  // The server counts code points, a browser UTF-16 units.
  const letters = [...text];
  const cut = (start: number, end: number, level: string) => {
    if (end > start) found.push({ text: letters.slice(start, end).join(""), level, at: start });
  };
  for (const span of spans) {
    if (span.start < at || span.end > letters.length) continue;
    cut(at, span.start, "");
    cut(span.start, span.end, span.level);
    at = span.end;
  }
  cut(at, letters.length, "");
  return found;
}

/** Where words that are in doubt stand in a text; the server counts code points. */
export function doubted(
  text: string,
  contradictions: readonly { stated: string; against: string }[],
): { level: "doubt"; start: number; end: number }[] {
  return contradictions
    .flatMap((one) => [one.stated, one.against])
    .flatMap((words) => {
      const at = words === "" ? -1 : text.indexOf(words);
      if (at === -1) return [];
      const start = [...text.slice(0, at)].length;
      return [{ level: "doubt" as const, start, end: start + [...words].length }];
    });
}

export function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)}%`;
}

export const MOST_DIGITS = 5;

/** What the keys 1 to 5 choose; any other key chooses nothing. */
export function byDigit<T>(choices: readonly T[], key: string): T | undefined {
  return /^[1-5]$/.test(key) ? choices[Number(key) - 1] : undefined;
}
