/** A span of time in its two largest units, as people say it. */
export interface Span {
  days: number;
  hours: number;
  minutes: number;
}

const MINUTE = 60_000;

/** Whole minutes, rounded up: what is left never reads as zero before it is over. */
export function spanOf(milliseconds: number): Span {
  const total = Math.ceil(Math.abs(milliseconds) / MINUTE);
  return {
    days: Math.floor(total / 1440),
    hours: Math.floor(total / 60) % 24,
    minutes: total % 60,
  };
}

export type Pressure = "calm" | "soon" | "over";
const SOON_MS = 15 * MINUTE;

export function pressureOf(left: number): Pressure {
  if (left <= 0) return "over";
  return left <= SOON_MS ? "soon" : "calm";
}
