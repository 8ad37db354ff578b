import { describe, expect, it } from "vitest";
import type { StockLevel } from "@/api/types";
import { queryOf, shortfallOf, signed, stateOf } from "./search";

function level(shortfall: number): StockLevel {
  return {
    warehouse: "WH-HZ",
    name: "杭州仓",
    on_hand: 10,
    reserved: 0,
    allocated: 0,
    elsewhere: 0,
    in_flight: 0,
    safety: 0,
    atp: 10,
    shortfall,
    photo_quantity: null,
    photo_at: null,
    photo_source: null,
  };
}

describe("queryOf", () => {
  it("lists all SKUs by code when the address says nothing or nonsense", () => {
    expect(queryOf({})).toEqual({ sort: "sku", limit: 50 });
    expect(queryOf({ sort: "price", low: "maybe", q: " " })).toEqual({ sort: "sku", limit: 50 });
  });

  it("keeps what the address asks", () => {
    expect(queryOf({ q: " RUG ", warehouse: "WH-NT", low: "true", sort: "atp" })).toEqual({
      q: "RUG",
      warehouse: "WH-NT",
      low: true,
      sort: "atp",
      limit: 50,
    });
  });
});

describe("stateOf", () => {
  it("tells short from sold out", () => {
    expect(stateOf({ sellable: 5, warehouses: [level(0)] })).toBe("in");
    expect(stateOf({ sellable: 0, warehouses: [level(0)] })).toBe("out");
    // One warehouse is short even while another one still sells.
    expect(stateOf({ sellable: 5, warehouses: [level(0), level(2)] })).toBe("short");
    expect(shortfallOf({ warehouses: [level(1), level(2)] })).toBe(3);
  });
});

it("writes changes with their sign", () => {
  expect([signed(3), signed(-2), signed(0)]).toEqual(["+3", "−2", ""]);
});
