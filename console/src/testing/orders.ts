/** Orders for tests, with defaults; nobody's name or number is real. */
import type { Me, OrderDetail, OrderRow, Today } from "@/api/types";

export const ME: Me = {
  id: "usr_1",
  username: "ops",
  name: "林岚",
  role: "operations",
  role_label: "运营",
  permissions: ["orders.read", "orders.reveal", "orders.cancel", "orders.hold", "orders.tag"],
  language: "zh",
};

export const TODAY: Today = {
  orders_today: 486,
  paid_today: 451,
  waiting: 0,
  held: 3,
  open_work_items: 12,
  reservations_ending_soon: 0,
  shipped_today: 318,
  doubtful_addresses: 4,
  waiting_messages: 2,
  median_seconds_to_reserve: 0.062,
};

export function orderRow(changes: Partial<OrderRow> = {}): OrderRow {
  return {
    id: "ord_1",
    number: "M20261122000001",
    shop_id: "mini",
    shop_name: "一诺家纺",
    channel: "mini_program",
    channel_label: "小程序",
    status: "reserved",
    status_label: "已预占",
    payment_status: "paid",
    fulfillment_status: "reserved",
    placed_at: "2026-11-22T06:00:00Z",
    paid_at: "2026-11-22T06:00:42Z",
    total_fen: 25990,
    items_text: "LOVE-2026×1",
    item_count: 1,
    receiver_masked: { name: "王**", phone: "138****0001", region: "浙江省杭州市" },
    tags: [],
    holds: [],
    reservation_expires_at: null,
    warehouse: "WH-HZ",
    warehouse_name: "杭州仓",
    carrier: null,
    carrier_label: null,
    waybill: null,
    version: 1,
    ...changes,
  };
}

export function orderDetail(changes: Partial<OrderDetail> = {}): OrderDetail {
  return {
    ...orderRow(),
    lines: [
      {
        id: "line_1",
        sku: "LOVE-2026",
        listing: "LOVE-2026",
        name: "情人节礼盒",
        quantity: 1,
        unit_price_fen: 25990,
        amount_fen: 25990,
        is_gift: false,
        bundle_of: null,
      },
    ],
    money: {
      items_fen: 25990,
      discount_fen: 0,
      freight_fen: 0,
      total_fen: 25990,
      paid_fen: 25990,
      refunded_fen: 0,
    },
    payments: [],
    refunds: [],
    receiver: {
      name: "王**",
      phone: "138****0001",
      province: "浙江省",
      city: "杭州市",
      district: "西湖区",
      town: "",
      detail: "****",
      stated: "",
    },
    address: null,
    buyer_nick: "",
    remark: "",
    reservation: null,
    holds: [],
    documents: [],
    shipments: [],
    timeline: [
      {
        id: 1,
        at: "2026-11-22T06:00:42Z",
        code: "workflows.timeline.reserved",
        title: "库存已预占",
        why: "付款成功，整单有货",
        actor: "系统",
        details: {},
      },
    ],
    allowed: ["reveal", "cancel", "hold", "tag"],
    hold_reasons: [
      {
        reason: "manual",
        label: "人工挂起",
        owner_role: "operations",
        owner_label: "运营",
      },
    ],
    sourcing: null,
    ...changes,
  };
}

export function orderList(items: OrderRow[]) {
  return {
    items,
    next_cursor: null,
    counts: { all: items.length, held: 3 },
    counts_capped_at: 10_000,
    as_of: "2026-11-22T06:05:00Z",
  };
}
