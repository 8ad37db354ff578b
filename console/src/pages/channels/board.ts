/** What the board reckons from the figures that it is given. */
import type { ChannelBand, ChannelRow } from "@/api/types";

/** The share of orders that needed nobody, in per cent; nothing to tell without orders. */
export function byItself(bands: readonly Pick<ChannelBand, "orders" | "by_hand">[]): number | null {
  const orders = bands.reduce((sum, band) => sum + band.orders, 0);
  const byHand = bands.reduce((sum, band) => sum + band.by_hand, 0);
  if (orders === 0) return null;
  // Rounded down: a hundred is told only when it is one.
  return Math.floor((1000 * (orders - byHand)) / orders) / 10;
}

/** Shops that need a look stand first: long waits, overdue items, late reading; then by orders. */
export function byNeed(rows: readonly ChannelRow[]): ChannelRow[] {
  const need = (row: ChannelRow) =>
    (row.waiting_long > 0 ? 4 : 0) +
    (row.overdue_items > 0 ? 2 : 0) +
    (row.reading.is_late || row.stock?.is_late === true ? 1 : 0);
  return [...rows].sort(
    (left, right) =>
      Number(right.is_active) - Number(left.is_active) ||
      need(right) - need(left) ||
      right.orders_today - left.orders_today ||
      left.name.localeCompare(right.name, "zh"),
  );
}
