import { describe, expect, it } from "vitest";
import { differences } from "./differences";
import { isNarrowed, queryOf } from "./search";

describe("queryOf", () => {
  it("asks whole days of Shanghai", () => {
    expect(queryOf({ from: "2026-11-20", until: "2026-11-22", actor: " ops " })).toEqual({
      limit: 50,
      actor: "ops",
      from: "2026-11-20T00:00:00+08:00",
      until: "2026-11-22T23:59:59.999+08:00",
    });
  });

  it("leaves out what cannot be read", () => {
    expect(queryOf({ from: "yesterday", object: " " })).toEqual({ limit: 50 });
  });

  it("knows when the list is narrowed; an open entry does not narrow it", () => {
    expect(isNarrowed({ open: "aud_1" })).toBe(false);
    expect(isNarrowed({ action: "orders.cancel" })).toBe(true);
  });
});

describe("differences", () => {
  it("puts changed fields first and reads nested ones by path", () => {
    expect(
      differences(
        { name: "林岚", role: "operations", limits: { day: 1 } },
        { name: "林岚", role: "it_admin", limits: { day: 2 } },
      ),
    ).toEqual([
      { field: "role", before: "operations", after: "it_admin", isChanged: true },
      { field: "limits.day", before: "1", after: "2", isChanged: true },
      { field: "name", before: "林岚", after: "林岚", isChanged: false },
    ]);
  });

  it("shows what was added, lists, and plain values", () => {
    expect(differences(null, { scopes: ["orders.read", "stock.read"] })).toEqual([
      { field: "scopes", before: "", after: "orders.read, stock.read", isChanged: true },
    ]);
    expect(differences("a", "b")).toEqual([
      { field: "", before: "a", after: "b", isChanged: true },
    ]);
    expect(differences(null, null)).toEqual([]);
  });
});
