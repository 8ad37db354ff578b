import { expect, test, vi } from "vitest";
import { urgency } from "./Countdown";
import { commandFor } from "./keyboard";
import { nextSort } from "./RowHead";
import { windowOf } from "./RowList";
import { parseSearch, stringifySearch, textSearch } from "./search";

function pressed(key: string, facts: KeyboardEventInit & { on?: HTMLElement } = {}): KeyboardEvent {
  const { on = document.body, ...init } = facts;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, ...init });
  Object.defineProperty(event, "target", { value: on });
  return event;
}

test("a key runs its command, in capitals too", () => {
  const down = vi.fn();
  commandFor(pressed("J"), { j: down })?.();
  expect(down).toHaveBeenCalledOnce();
});

test.each([
  ["while Chinese is being composed", pressed("j", { isComposing: true })],
  ["with Ctrl held", pressed("j", { ctrlKey: true })],
  ["while typing", pressed("j", { on: document.createElement("input") })],
])("a key does nothing %s", (_when, event) => {
  expect(commandFor(event, { j: () => undefined })).toBeUndefined();
});

test("Enter on a button is the button's", () => {
  const button = document.createElement("button");
  expect(commandFor(pressed("Enter", { on: button }), { Enter: () => undefined })).toBeUndefined();
});

test("only known, filled filters stay in the URL", () => {
  const read = textSearch(["view", "q"]);
  expect(read({ view: "held", q: "", evil: "1" })).toEqual({ view: "held" });
});

test("a search of digits stays text", () => {
  const q = parseSearch("?q=0086&view=held");
  expect(q).toEqual({ q: "0086", view: "held" });
  expect(stringifySearch(q)).toBe("?q=0086&view=held");
  expect(stringifySearch({ q: "", open: undefined })).toBe("");
});

test("of 100,000 rows only those near the view exist", () => {
  const [first, last] = windowOf(36 * 5000, 720, 100_000);
  expect([first, last]).toEqual([4988, 5032]);
  expect(windowOf(0, 720, 3)).toEqual([0, 3]);
  expect(windowOf(36 * 5000, 720, 10)).toEqual([10, 10]);
});

test("a title goes through its sorts and begins anew", () => {
  expect(nextSort(["-total", "total"], "-placed_at")).toBe("-total");
  expect(nextSort(["-total", "total"], "-total")).toBe("total");
  expect(nextSort(["-total", "total"], "total")).toBe("-total");
});

test("a reservation hurries in its last five minutes", () => {
  expect([urgency(300_000), urgency(299_999), urgency(0)]).toEqual(["calm", "hurry", "over"]);
});
