/** The one EventSource: connects, comes back after failures, and says when everything is stale. */
import { type FromConnection, hintFrom } from "./protocol";

export const LIVE_PATH = "/api/v1/live";
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;

type Open = (path: string) => EventSource;

export class Connection {
  private source: EventSource | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private retryMs = FIRST_RETRY_MS;
  private lastId: string | null = null;
  private state: FromConnection & { kind: "state" } = { kind: "state", state: "connecting" };

  constructor(
    private readonly tell: (message: FromConnection) => void,
    private readonly open: Open = (path) => new EventSource(path),
  ) {}

  /** The newest state, for a tab that joins later. */
  get newest(): FromConnection {
    return this.state;
  }

  start(): void {
    if (this.source !== null || this.retry !== undefined) return;
    const source = this.open(LIVE_PATH);
    this.source = source;
    source.addEventListener("open", () => {
      this.retryMs = FIRST_RETRY_MS;
      this.say("live");
    });
    source.addEventListener("hello", (event) => this.greet(event.lastEventId));
    source.addEventListener("hint", (event) => this.hear(event));
    source.addEventListener("reset", (event) => {
      this.lastId = event.lastEventId;
      this.tell({ kind: "reset" });
    });
    source.addEventListener("error", () => this.fail(source));
  }

  stop(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.source?.close();
    this.source = null;
  }

  /** A fresh stream: when its number is not where we stopped, something was missed. */
  private greet(id: string): void {
    if (this.lastId !== null && this.lastId !== id) this.tell({ kind: "reset" });
    this.lastId = id;
  }

  private hear(event: MessageEvent<string>): void {
    if (event.lastEventId !== "") this.lastId = event.lastEventId;
    const hint = hintFrom(event.data);
    if (hint !== null) this.tell({ kind: "hint", hint });
  }

  private fail(source: EventSource): void {
    this.say("lost");
    // The browser itself reconnects after a break, but never after an answer that is an error.
    if (source.readyState !== 2 || this.source !== source) return;
    this.source = null;
    this.retry = setTimeout(() => {
      this.retry = undefined;
      this.start();
    }, this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  private say(state: "live" | "lost"): void {
    this.state = { kind: "state", state };
    this.tell(this.state);
  }
}
