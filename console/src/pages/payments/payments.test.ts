import { describe, expect, it } from "vitest";
import type { PaymentDay, PaymentDifference } from "@/api/types";
import { dayName, groupsOf, hasOtherDays } from "./days";

const differs = (id: string, kind: string, state = "open") =>
  ({ id, kind, kind_label: `label of ${kind}`, state }) as unknown as PaymentDifference;

const side = (paid: number, refunded = 0) => ({
  payments: 1,
  paid_fen: paid,
  refunds: refunded === 0 ? 0 : 1,
  refunded_fen: refunded,
});

const day = (bill: object | null, hub: object | null, open = 0, accepted = 0) =>
  ({ accounts: [{ bill, hub, open, accepted }] }) as unknown as PaymentDay;

describe("a day's name", () => {
  it("tells date and weekday, the year only where it is another", () => {
    expect(dayName("2026-11-22", "zh", "2026-11-23")).toBe("11月22日 周日");
    expect(dayName("2026-11-22", "en", "2026-11-23")).toBe("Sun, November 22");
    expect(dayName("2025-12-31", "zh", "2026-01-01")).toContain("2025年");
    expect(dayName("yesterday", "zh", "2026-01-01")).toBe("yesterday");
  });
});

describe("differences", () => {
  it("stand by kind as the server orders them, and what is settled last", () => {
    const groups = groupsOf(
      [
        differs("a", "not_in_bill"),
        differs("b", "not_in_hub"),
        differs("c", "not_in_hub"),
        differs("d", "not_in_bill", "accepted"),
        differs("e", "duplicate", "repaired"),
      ],
      "已处理",
    );
    expect(
      groups.map(({ label, isOpen, items }) => [label, isOpen, items.map((i) => i.id)]),
    ).toEqual([
      ["label of not_in_bill", true, ["a"]],
      ["label of not_in_hub", true, ["b", "c"]],
      ["已处理", false, ["d", "e"]],
    ]);
  });
});

describe("sums that are unlike without a difference", () => {
  it("are told apart from those that a difference explains", () => {
    expect(hasOtherDays(day(side(100), side(100)))).toBe(false);
    expect(hasOtherDays(day(side(100, 5), side(100)))).toBe(true);
    expect(hasOtherDays(day(side(100, 5), side(100), 1))).toBe(false);
    expect(hasOtherDays(day(side(100, 5), side(100), 0, 1))).toBe(false);
    expect(hasOtherDays(day(null, null))).toBe(false);
  });
});
