import { describe, expect, it } from "vitest";
import { faultFrom } from "./faultDraft";
import { milliseconds, outcomeTone } from "./health";
import { summaryOf, wordsOf } from "./sandboxState";

describe("summaryOf", () => {
  it("puts figures apart from what is listed, and leaves out empty lists", () => {
    const summary = summaryOf({
      payment_count: 2,
      payments: { YN01: { state: "SUCCESS", total: 25990, transaction_id: "" } },
      refunds: {},
    });
    expect(summary.figures).toEqual([{ name: "payment_count", value: "2" }]);
    expect(summary.groups).toEqual([
      {
        name: "payments",
        total: 1,
        rows: [{ name: "YN01", words: "state: SUCCESS · total: 25990" }],
      },
    ]);
  });

  it("shows the first twenty and counts all", () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`N${at}`, at]));
    const [group] = summaryOf({ documents: many }).groups;
    expect([group?.total, group?.rows.length]).toEqual([30, 20]);
  });

  it("says values in a line", () => {
    expect(wordsOf({ is_paid: true, waybills: ["SF1", "SF2"], note: null })).toBe(
      "is_paid: ✓ · waybills: SF1, SF2",
    );
    expect(wordsOf(null)).toBe("—");
  });
});

describe("faultFrom", () => {
  it("is certain and lasting when fields are cleared", () => {
    const fault = faultFrom({
      operation: "*",
      kind: "drop",
      percent: null,
      times: null,
      seconds: null,
    });
    expect(fault).toEqual({
      id: "",
      operation: "*",
      kind: "drop",
      probability: 1,
      times: null,
      seconds: 0,
      code: null,
    });
  });

  it("sends a code with errors only", () => {
    const drafted = { operation: "SO/Save", percent: 25, times: 3, seconds: 2, code: " 500 " };
    expect(faultFrom({ ...drafted, kind: "error" })).toMatchObject({
      probability: 0.25,
      times: 3,
      code: "500",
    });
    expect(faultFrom({ ...drafted, kind: "delay" }).code).toBeNull();
  });
});

it("writes times as people read them", () => {
  expect([milliseconds(null), milliseconds(850), milliseconds(1249)]).toEqual([
    "—",
    "850 ms",
    "1.2 s",
  ]);
});

it("keeps red for calls without an answer", () => {
  expect(["done", "rejected", "unavailable", "unknown"].map(outcomeTone)).toEqual([
    "green",
    "amber",
    "red",
    "red",
  ]);
});
