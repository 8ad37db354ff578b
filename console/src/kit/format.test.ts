import { expect, test } from "vitest";
import { countdown, fullTime, region, shortTime, yuan } from "./format";

test.each([
  [0, "¥0.00"],
  [5, "¥0.05"],
  [25990, "¥259.90"],
  [-2000, "-¥20.00"],
  [123456789, "¥1,234,567.89"],
  [900719925474099, "¥9,007,199,254,740.99"],
])("%i fen reads %s", (fen, words) => {
  expect(yuan(fen)).toBe(words);
});

test("moments are Shanghai's, wherever the reader is", () => {
  expect(fullTime("2026-11-22T18:30:05Z")).toBe("2026-11-23 02:30:05");
});

test("a moment is as short as it stays clear", () => {
  const now = Date.parse("2026-11-22T08:00:00Z");
  expect(shortTime("2026-11-22T06:02:11Z", now)).toBe("14:02");
  expect(shortTime("2026-11-21T06:02:11Z", now)).toBe("11-21 14:02");
  expect(shortTime("2025-11-21T06:02:11Z", now)).toBe("2025-11-21");
});

test.each([
  [-1, "0:00"],
  [1, "0:01"],
  [872_000, "14:32"],
  [3_909_000, "1:05:09"],
])("%i ms count down as %s", (left, words) => {
  expect(countdown(left)).toBe(words);
});

test("a municipality is named once", () => {
  expect(region("北京市 北京市 海淀区")).toBe("北京市 海淀区");
  expect(region("江苏省 南通市 崇川区")).toBe("江苏省 南通市 崇川区");
});
