/** How health, circuits and times of outside systems are shown; no words, see labels.ts. */
import type { Tone } from "@/kit/Tag";

export const HEALTH_TONES: Readonly<Record<string, Tone>> = {
  ok: "green",
  degraded: "amber",
  down: "red",
  unknown: "grey",
};

export const CIRCUIT_TONES: Readonly<Record<string, Tone>> = {
  closed: "green",
  half_open: "amber",
  open: "red",
};

/** What was rejected was answered; only a missing answer is red. */
export function outcomeTone(outcome: string): Tone {
  if (outcome === "done") return "green";
  return outcome === "rejected" ? "amber" : "red";
}

/** 850 ms, 1.2 s, or a dash where nothing was called. */
export function milliseconds(value: number | null): string {
  if (value === null) return "—";
  return value < 1_000 ? `${value} ms` : `${(value / 1_000).toFixed(1)} s`;
}
