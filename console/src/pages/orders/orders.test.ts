import { expect, test } from "vitest";
import { moved } from "@/kit/useRowCursor";
import { addressOf } from "./detail/ReceiverCard";
import { readViews, withView } from "./savedViews";
import { isSameFilter, queryOf } from "./search";
import { settle } from "./settle";

const row = (id: string, version = 1) => ({ id, version });

test("at the top the newest list is shown", () => {
  expect(settle([row("a")], [row("b"), row("a")], false)).toEqual({
    rows: [row("b"), row("a")],
    held: 0,
  });
});

test("further down rows change in place and new ones wait", () => {
  const shown = [row("b"), row("a")];
  const newest = [row("d"), row("c"), row("b", 2), row("a"), row("z")];
  expect(settle(shown, newest, true)).toEqual({ rows: [row("b", 2), row("a"), row("z")], held: 2 });
});

test("a row that left the view stays until the reader goes up", () => {
  expect(settle([row("b"), row("a")], [row("a", 3)], true).rows).toEqual([row("b"), row("a", 3)]);
});

test("another list replaces what was shown", () => {
  expect(settle([row("a")], [row("x")], true).rows).toEqual([row("x")]);
});

test("an address edited by hand falls back to the usual view", () => {
  expect(queryOf({ view: "nonsense", sort: "drop table", q: "  M2026 " })).toEqual({
    view: "all",
    sort: "-placed_at",
    limit: 100,
    q: "M2026",
  });
});

test("what is open makes no other view", () => {
  expect(isSameFilter({ view: "held", open: "ord_1" }, { view: "held" })).toBe(true);
  expect(isSameFilter({ view: "held" }, { view: "held", tag: "VIP" })).toBe(false);
});

test("a saved view of the same name is replaced, and spoilt storage counts as none", () => {
  const views = withView([{ name: "甲", filters: { view: "held" } }], {
    name: "甲",
    filters: { view: "sending" },
  });
  expect(views).toEqual([{ name: "甲", filters: { view: "sending" } }]);
  expect(readViews("{broken")).toEqual([]);
  expect(readViews('[1, {"name": "乙"}]')).toEqual([]);
});

test("the cursor stops at both ends and survives a row that left", () => {
  expect(moved(["a", "b"], undefined, 1)).toBe("a");
  expect(moved(["a", "b"], "b", 1)).toBe("b");
  expect(moved(["a", "b"], "a", -1)).toBe("a");
  expect(moved(["a", "b", "d"], "c", 1, 2)).toBe("d");
});

test("a municipality is named once", () => {
  const receiver = { name: "", phone: "", town: "", detail: "示例路 1 号", stated: "" };
  expect(addressOf({ ...receiver, province: "上海市", city: "上海市", district: "静安区" })).toBe(
    "上海市 静安区 示例路 1 号",
  );
});
