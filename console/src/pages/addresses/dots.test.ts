import { expect, test } from "vitest";
import { dotsOf, floorOf } from "./dots";

const day = (number: string, right_share: number | null, channel = "douyin") => ({
  day: `2026-11-${number}`,
  channel,
  right_share,
});

test("the scale begins at the round number below the lowest share", () => {
  expect(floorOf([])).toBe(0.95);
  expect(floorOf([1, 0.99])).toBe(0.95);
  expect(floorOf([1, 0.93])).toBe(0.9);
  expect(floorOf([0.8])).toBe(0.8);
  expect(floorOf([0.1])).toBe(0);
});

test("a channel's days stand in the order of time, and days without a share are left out", () => {
  const days = [day("11", 0.9), day("06", null), day("01", 1), day("02", 1, "pinduoduo")];
  const scale = { since: "2026-11-01", until: "2026-11-11", floor: 0.8 };
  expect(dotsOf(days, "douyin", scale).map((dot) => [dot.day, dot.x, dot.share])).toEqual([
    ["2026-11-01", 0, 1],
    ["2026-11-11", 1, 0.9],
  ]);
  expect(dotsOf(days, "douyin", scale)[1]?.y).toBeCloseTo(0.5);
  expect(dotsOf(days, "none", scale)).toEqual([]);
});

test("a single day stands at the beginning", () => {
  const scale = { since: "2026-11-01", until: "2026-11-01", floor: 0 };
  expect(dotsOf([day("01", 0.5)], "douyin", scale)).toEqual([
    { day: "2026-11-01", share: 0.5, x: 0, y: 0.5 },
  ]);
});
