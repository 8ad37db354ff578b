/** Many hints become few refetches: the first after 250 ms, further ones at most once a second. */
import type { Hint } from "./protocol";

export const GATHER_MS = 250;
export const REST_MS = 1_000;

export class Gatherer {
  private waiting = new Map<string, Hint>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastFlush = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly flush: (hints: Hint[]) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  add(hint: Hint): void {
    this.waiting.set(`${hint.topic} ${hint.id}`, hint);
    if (this.timer !== undefined) return;
    const rest = this.lastFlush + REST_MS - this.now();
    this.timer = setTimeout(() => this.run(), Math.max(GATHER_MS, rest));
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting.clear();
  }

  private run(): void {
    const hints = [...this.waiting.values()];
    this.timer = undefined;
    this.waiting.clear();
    this.lastFlush = this.now();
    this.flush(hints);
  }
}
