/** One clock for the page: the server's time, told to every component that counts seconds. */
import { useSyncExternalStore } from "react";

let offsetMs = 0;
let isObserved = false;

/** Learn the server's time from an answer's Date header (good to a second). */
export function observeServerTime(header: string | null): void {
  const at = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(at)) return;
  const seen = at + 500 - Date.now();
  // The header is cut to seconds: move only for a real difference, or countdowns would tremble.
  if (!isObserved || Math.abs(seen - offsetMs) > 1500) offsetMs = Math.abs(seen) < 1000 ? 0 : seen;
  isObserved = true;
}

export function serverNow(): number {
  return Date.now() + offsetMs;
}

const SECOND = 1000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let tick = serverNow();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    tick = serverNow();
    timer = setInterval(() => {
      tick = serverNow();
      for (const tell of listeners) tell();
    }, SECOND);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time in milliseconds, renewed every `everySeconds`. */
export function useNow(everySeconds = 1): number {
  const step = everySeconds * SECOND;
  return useSyncExternalStore(
    subscribe,
    () => Math.floor((timer ? tick : serverNow()) / step) * step,
  );
}
