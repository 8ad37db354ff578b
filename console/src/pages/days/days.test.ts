import { expect, test } from "vitest";
import type { Certificate, CertificateGap } from "@/api/types";
import { agrees, difference, shifted } from "./days";

test("days are stepped over the ends of months and years", () => {
  expect(shifted("2026-03-01", -1)).toBe("2026-02-28");
  expect(shifted("2026-12-31", 1)).toBe("2027-01-01");
  expect(shifted("gestern", 1)).toBe("");
  expect(shifted("2026-99-99", 1)).toBe("");
});

const two = { orders: 2, fen: 300 };
const certificate = (more: Partial<Certificate>): Certificate =>
  ({
    channel: two,
    payments: two,
    hub: two,
    hub_goods: two,
    erp: two,
    is_channel_asked: true,
    is_erp_asked: true,
    ...more,
  }) as Certificate;

test("sides agree in orders and in money, each group for itself", () => {
  expect(agrees(certificate({}))).toEqual({ paid: true, goods: true });
  expect(agrees(certificate({ payments: { orders: 2, fen: 299 } }))).toEqual({
    paid: false,
    goods: true,
  });
  expect(agrees(certificate({ erp: { orders: 1, fen: 300 } }))).toEqual({
    paid: true,
    goods: false,
  });
});

test("a side that could not be asked differs from nothing", () => {
  const none = { orders: 0, fen: 0 };
  expect(agrees(certificate({ erp: none, is_erp_asked: false })).goods).toBe(true);
  expect(agrees(certificate({ channel: none, is_channel_asked: false })).paid).toBe(true);
});

test("a gap differs by an amount only where two sides have one", () => {
  const gap = (more: Partial<CertificateGap>) =>
    ({ channel_fen: null, hub_fen: null, erp_fen: null, ...more }) as CertificateGap;
  expect(difference(gap({ channel_fen: 500, hub_fen: 450 }))).toBe(50);
  expect(difference(gap({ erp_fen: 400, hub_fen: 450 }))).toBe(-50);
  expect(difference(gap({ channel_fen: 500 }))).toBeNull();
});
