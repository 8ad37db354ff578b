import { expect, test } from "vitest";
import { wishOf } from "./AliasWish";
import { after, byDigit, doubted, percent, pieces, tabOf } from "./search";

test("an address edited by hand falls back to the queue", () => {
  expect(tabOf("aliases")).toBe("aliases");
  expect(tabOf("nonsense")).toBe("queue");
  expect(tabOf(undefined)).toBe("queue");
});

test("after a decision the next address opens, or the last one left", () => {
  expect(after(["a", "b", "c"], "b")).toBe("c");
  expect(after(["a", "b", "c"], "c")).toBe("b");
  expect(after(["a"], "a")).toBeUndefined();
  expect(after(["a", "b"], "gone")).toBe("a");
  expect(after(["a", "b", "c"], "a", ["b"])).toBe("c");
  expect(after(["a", "b"], "a", ["b"])).toBeUndefined();
});

test("a text is cut where evidence stands, counted in letters and not in UTF-16", () => {
  const evidence = [
    { level: "city", start: 4, end: 6 },
    { level: "province", start: 1, end: 3 },
    { level: "district", start: null, end: null },
    { level: "town", start: 90, end: 95 },
  ];
  expect(pieces("😀浙江,杭州西", evidence).map((one) => [one.text, one.level])).toEqual([
    ["😀", ""],
    ["浙江", "province"],
    [",", ""],
    ["杭州", "city"],
    ["西", ""],
  ]);
  expect(pieces("", [])).toEqual([]);
});

test("shares are never rounded up to certainty", () => {
  expect(percent(0.9999)).toBe("99.9%");
  expect(percent(1)).toBe("100.0%");
});

test("an alias is wished only with words and a place, and holds where it is said to", () => {
  const line = {
    province: null,
    city: { code: "330100", name: "杭州市", level: "city", level_label: "市", is_own_code: false },
    district: null,
    town: null,
    code: "330106",
    text: "杭州市 西湖区",
  };
  const draft = { isOn: true, text: " 云栖小镇 ", scope: "city" as const };
  expect(wishOf(draft, "mini", line)).toEqual({
    text: "云栖小镇",
    scope: "city",
    scope_value: "330100",
  });
  expect(wishOf({ ...draft, scope: "shop" }, "mini", line)?.scope_value).toBe("mini");
  expect(wishOf({ ...draft, isOn: false }, "mini", line)).toBeNull();
  expect(wishOf(draft, "mini", null)).toBeNull();
  expect(wishOf({ ...draft, text: " " }, "mini", line)).toBeNull();
});

test("the keys 1 to 5 choose what stands at their place, and nothing else does", () => {
  const places = ["a", "b", "c", "d", "e", "f"];
  expect(["1", "5", "6", "0", "12", "Enter"].map((key) => byDigit(places, key))).toEqual([
    "a",
    "e",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(byDigit(["a"], "2")).toBeUndefined();
});

test("words that contradict each other are found where they stand, also behind rare letters", () => {
  const both = [{ stated: "浙江", against: "南京" }];
  expect(doubted("😀浙江南京", both)).toEqual([
    { level: "doubt", start: 1, end: 3 },
    { level: "doubt", start: 3, end: 5 },
  ]);
  expect(doubted("杭州", [...both, { stated: "", against: "杭州" }])).toEqual([
    { level: "doubt", start: 0, end: 2 },
  ]);
});
