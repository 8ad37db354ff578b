import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection } from "./connection";
import { Gatherer } from "./gather";
import { invalidateFor, staleKeys } from "./invalidate";
import { type FromConnection, type Hint, hintFrom } from "./protocol";

class Source extends EventTarget {
  static opened: Source[] = [];
  readyState = 0;
  isClosed = false;
  constructor() {
    super();
    Source.opened.push(this);
  }
  close() {
    this.isClosed = true;
  }
  say(kind: string, lastEventId = "", data = "{}") {
    this.dispatchEvent(new MessageEvent(kind, { data, lastEventId }));
  }
  break(readyState: 0 | 2) {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
}

const said: FromConnection[] = [];
function connect(): { connection: Connection; source: Source } {
  const connection = new Connection(
    (message) => said.push(message),
    () => new Source() as unknown as EventSource,
  );
  connection.start();
  return { connection, source: Source.opened[0] as Source };
}

beforeEach(() => {
  vi.useFakeTimers();
  Source.opened = [];
  said.length = 0;
});
afterEach(() => vi.useRealTimers());

test("a hint goes to the tabs; what cannot be read does not", () => {
  const { source } = connect();
  source.say("hint", "e-1", '{"topic":"order","id":"ord_1","v":1}');
  source.say("hint", "e-2", "not json");
  source.say("hint", "e-3", '{"topic":"gossip","id":"x"}');
  expect(said).toEqual([{ kind: "hint", hint: { topic: "order", id: "ord_1" } }]);
});

test("a refused stream is opened again, later and later, and tells to fetch anew", () => {
  const { source } = connect();
  source.say("hello", "e-7");
  source.break(2);
  expect(said.at(-1)).toEqual({ kind: "state", state: "lost" });
  vi.advanceTimersByTime(1_999);
  expect(Source.opened).toHaveLength(1);
  vi.advanceTimersByTime(1);
  const second = Source.opened[1] as Source;
  second.break(2);
  vi.advanceTimersByTime(3_999);
  expect(Source.opened).toHaveLength(2);
  vi.advanceTimersByTime(1);
  const third = Source.opened[2] as Source;
  third.say("open");
  third.say("hello", "e-9");
  expect(said.slice(-2)).toEqual([{ kind: "state", state: "live" }, { kind: "reset" }]);
});

test("a break that the browser mends by itself opens nothing twice", () => {
  const { source } = connect();
  source.break(0);
  vi.advanceTimersByTime(60_000);
  expect(Source.opened).toHaveLength(1);
});

test("a stream that goes on where it stopped resets nothing", () => {
  const { source } = connect();
  source.say("hello", "e-7");
  source.break(2);
  vi.advanceTimersByTime(2_000);
  (Source.opened[1] as Source).say("hello", "e-7");
  expect(said).not.toContainEqual({ kind: "reset" });
});

test("nothing is opened after the last tab has left", () => {
  const { connection, source } = connect();
  source.break(2);
  connection.stop();
  vi.advanceTimersByTime(60_000);
  expect(Source.opened).toHaveLength(1);
});

test("a burst of 200 hints becomes two refetches", () => {
  let now = 0;
  const flushed: Hint[][] = [];
  const gatherer = new Gatherer(
    (hints) => flushed.push(hints),
    () => now,
  );
  for (let number = 0; number < 200; number++) {
    gatherer.add({ topic: "order", id: `ord_${number % 50}` });
    now += 5;
    vi.advanceTimersByTime(5);
  }
  now += 2_000;
  vi.advanceTimersByTime(2_000);
  expect(flushed.map((hints) => hints.length)).toEqual([50, 50]);
});

test("a hint makes stale exactly what shows its thing", () => {
  expect(staleKeys([{ topic: "order", id: "ord_1" }])).toEqual([
    ["orders"],
    ["today"],
    ["order", "ord_1"],
  ]);
  expect(staleKeys([{ topic: "stock", id: "RUG-160" }])).toEqual([["stock"], ["sku", "RUG-160"]]);
  expect(staleKeys([{ topic: "address", id: "ord_1" }])).toEqual([
    ["addresses"],
    ["today"],
    ["order", "ord_1"],
  ]);
  expect(hintFrom('{"topic":"address","id":"ord_1"}')).toEqual({ topic: "address", id: "ord_1" });
});

test("a hint without an id is none", () => {
  expect(hintFrom('{"topic":"order"}')).toBeNull();
});

test("a short list is fetched anew, a long one only marked", async () => {
  vi.useRealTimers();
  const client = new QueryClient();
  const fetched: string[] = [];
  const pages = (length: number) => ({ pages: Array(length).fill({}), pageParams: [] });
  for (const [name, length] of [
    ["short", 3],
    ["long", 4],
  ] as const) {
    client.setQueryData(["orders", name], pages(length));
    const observer = new QueryObserver(client, {
      queryKey: ["orders", name],
      staleTime: Number.POSITIVE_INFINITY,
      queryFn: () => {
        fetched.push(name);
        return pages(length);
      },
    });
    observer.subscribe(() => undefined);
  }
  invalidateFor(client, [{ topic: "order", id: "ord_1" }]);
  await vi.waitFor(() => expect(fetched).toEqual(["short"]));
  expect(client.getQueryState(["orders", "long"])?.isInvalidated).toBe(true);
});
