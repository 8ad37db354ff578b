/** Pure parts of the daily page: stepping through days, colours, what sides differ by. */
import type { Certificate, CertificateColour, CertificateGap } from "@/api/types";
import type { Tone } from "@/kit/Tag";

export const TONES: Record<CertificateColour, Tone> = {
  green: "green",
  amber: "amber",
  red: "red",
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The day so many days later (earlier when negative); "" for what is no day. */
export function shifted(day: string, days: number): string {
  if (!DAY.test(day)) return "";
  const at = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return "";
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** Whether channel, money and hub tell the same, and hub and ERP of the goods, as far as asked. */
export function agrees(one: Certificate): { paid: boolean; goods: boolean } {
  const same = (a: { orders: number; fen: number }, b: { orders: number; fen: number }) =>
    a.orders === b.orders && a.fen === b.fen;
  return {
    paid: (!one.is_channel_asked || same(one.channel, one.payments)) && same(one.payments, one.hub),
    goods: !one.is_erp_asked || same(one.hub_goods, one.erp),
  };
}

/** By how much two sides of a gap differ, null where one of them has no amount. */
export function difference(gap: CertificateGap): number | null {
  const [first, second] = [gap.channel_fen, gap.erp_fen].filter((fen) => fen !== null);
  if (gap.hub_fen === null || first === undefined || second !== undefined) return null;
  return first - gap.hub_fen;
}
