import { describe, expect, it } from "vitest";
import { skuIn } from "./SubjectLink";
import { bucketsOf, queryOf, totalOf } from "./search";
import { pressureOf, spanOf } from "./span";

describe("queryOf", () => {
  it("asks for open items when the address says nothing or nonsense", () => {
    expect(queryOf({})).toEqual({ state: "open", limit: 50 });
    expect(queryOf({ state: "done", owner: "boss", q: "  " })).toEqual({
      state: "open",
      limit: 50,
    });
  });

  it("keeps what the address asks", () => {
    expect(
      queryOf({ state: "claimed", kind: "shortage", owner: "operations", q: " MP01 " }),
    ).toEqual({ state: "claimed", kind: "shortage", owner: "operations", q: "MP01", limit: 50 });
  });
});

describe("bucketsOf", () => {
  const labels = { shortage: "库存不足", bad_order: "订单内容有误", erp_rejected: "ERP 拒绝" };

  it("puts the fullest first and leaves out empty kinds", () => {
    const buckets = bucketsOf({ shortage: 2, erp_rejected: 5 }, labels, undefined);
    expect(buckets.map(({ kind, count }) => [kind, count])).toEqual([
      ["erp_rejected", 5],
      ["shortage", 2],
    ]);
  });

  it("keeps the chosen kind in sight after its last item went", () => {
    expect(bucketsOf({}, labels, "bad_order")).toEqual([
      { kind: "bad_order", label: "订单内容有误", count: 0 },
    ]);
  });

  it("adds up", () => {
    expect(totalOf({ shortage: 2, erp_rejected: 5 })).toBe(7);
    expect(totalOf({})).toBe(0);
  });
});

describe("spanOf", () => {
  it("says days and hours, hours and minutes, or minutes", () => {
    expect(spanOf(59_000)).toEqual({ days: 0, hours: 0, minutes: 1 });
    expect(spanOf(-(2 * 60 + 5) * 60_000)).toEqual({ days: 0, hours: 2, minutes: 5 });
    expect(spanOf(50 * 3_600_000)).toEqual({ days: 2, hours: 2, minutes: 0 });
  });

  it("presses in the last quarter of an hour", () => {
    expect(pressureOf(15 * 60_000 + 1)).toBe("calm");
    expect(pressureOf(15 * 60_000)).toBe("soon");
    expect(pressureOf(0)).toBe("over");
  });
});

describe("skuIn", () => {
  it("takes the SKU of a place", () => {
    expect(skuIn("LOVE-2026@WH-HZ")).toBe("LOVE-2026");
    expect(skuIn("LOVE-2026")).toBe("LOVE-2026");
  });
});
