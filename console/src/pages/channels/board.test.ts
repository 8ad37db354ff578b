import { describe, expect, test } from "vitest";
import type { ChannelRow } from "@/api/types";
import { byItself, byNeed } from "./board";

function row(name: string, change: Partial<ChannelRow> = {}): ChannelRow {
  const reading = {
    is_connected: true,
    read_at: null,
    read_until: null,
    is_late: false,
    last_success_at: null,
    last_failure_at: null,
    last_error: null,
  };
  return {
    shop_id: name,
    name,
    channel: "douyin",
    channel_label: "抖音",
    is_active: true,
    orders_today: 0,
    paid_today: 0,
    paid_today_fen: 0,
    shipped_today: 0,
    unfinished: 0,
    waiting_long: 0,
    doubtful_addresses: 0,
    waiting_messages: 0,
    work_items: 0,
    overdue_items: 0,
    newest_placed_at: null,
    reading,
    stock: null,
    bands: [],
    ...change,
  };
}

describe("byItself", () => {
  test("no orders tell nothing", () => {
    expect(byItself([])).toBeNull();
    expect(byItself([{ orders: 0, by_hand: 0 }])).toBeNull();
  });

  test("a hundred only when nobody was needed at all", () => {
    expect(byItself([{ orders: 3000, by_hand: 1 }])).toBe(99.9);
    expect(
      byItself([
        { orders: 2000, by_hand: 0 },
        { orders: 10, by_hand: 0 },
      ]),
    ).toBe(100);
    expect(byItself([{ orders: 3, by_hand: 1 }])).toBe(66.6);
    expect(byItself([{ orders: 4, by_hand: 4 }])).toBe(0);
  });
});

test("who needs a look stands first, who is switched off last", () => {
  const late = row("late", { reading: { ...row("x").reading, is_late: true } });
  const rows = [
    row("off", { is_active: false, waiting_long: 9 }),
    row("busy", { orders_today: 50 }),
    row("calm", { orders_today: 2 }),
    late,
    row("overdue", { overdue_items: 1 }),
    row("long", { waiting_long: 1 }),
  ];
  expect(byNeed(rows).map((one) => one.name)).toEqual([
    "long",
    "overdue",
    "late",
    "busy",
    "calm",
    "off",
  ]);
});
