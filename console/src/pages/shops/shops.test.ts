import { describe, expect, it } from "vitest";
import type { Shop } from "@/api/types";
import { draftOf, NEW_SHOP, newShop, previewBody, shopChange } from "./draft";

const SHOP = {
  id: "mini",
  channel: "mini_program",
  name: "小程序",
  reserve_on: "order",
  ttl_seconds: 600,
  is_active: true,
  is_observing: false,
  warehouses: ["WH-HZ"],
  in_order: true,
  rule: { percent: 50, buffer: 2, most: null },
  by_category: [{ key: "地毯", rule: { percent: 80, buffer: 0, most: null } }],
  by_sku: [{ key: "RUG-160", rule: { percent: 100, buffer: 0, most: 3 } }],
  version: 4,
} as unknown as Shop;

describe("a shop in the form", () => {
  it("goes back to the API as it came, under the version that was read", () => {
    expect(shopChange(draftOf(SHOP), SHOP.version)).toEqual({
      name: "小程序",
      reserve_on: "order",
      ttl_seconds: 600,
      is_active: true,
      warehouses: ["WH-HZ"],
      in_order: true,
      rule: { percent: 50, buffer: 2, most: null },
      by_category: [{ key: "地毯", rule: { percent: 80, buffer: 0, most: null } }],
      by_sku: [{ key: "RUG-160", rule: { percent: 100, buffer: 0, most: 3 } }],
      version: 4,
    });
  });

  it("begins as observed, and empty exceptions are left out", () => {
    const blank = { scope: "sku" as const, key: " ", percent: 100, buffer: 0, most: null };
    const made = newShop({ ...NEW_SHOP, id: " second ", name: "二店", exceptions: [blank] });
    expect(made).toMatchObject({ id: "second", is_observing: true, by_sku: [], by_category: [] });
  });

  it("is previewed before it has a name", () => {
    expect(previewBody(NEW_SHOP, ["RUG-160"])).toMatchObject({ name: "-", skus: ["RUG-160"] });
  });
});
