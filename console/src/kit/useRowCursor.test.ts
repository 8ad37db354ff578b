import { expect, it } from "vitest";
import { moved } from "./useRowCursor";

it("moves within the list, and begins at the first row", () => {
  const keys = ["a", "b", "c"];
  expect(moved(keys, undefined, 1)).toBe("a");
  expect(moved(keys, "a", 1)).toBe("b");
  expect(moved(keys, "c", 1)).toBe("c");
  expect(moved(keys, "a", -1)).toBe("a");
  expect(moved(keys, "gone", 1)).toBe("a");
  expect(moved([], "a", 1)).toBeUndefined();
});
