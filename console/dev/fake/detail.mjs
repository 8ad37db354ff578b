/** Development only: one made-up order in full. */
import { WAREHOUSES } from "./orders.mjs";

const REASONS = [
  ["manual", "人工挂起", "operations", "运营"],
  ["address_unclear", "地址不清", "customer_service", "客服"],
  ["buyer_asked", "买家要求", "customer_service", "客服"],
  ["stock_doubt", "库存存疑", "operations", "运营"],
  ["risk", "风险复核", "store_manager", "店长"],
].map(([reason, label, owner_role, owner_label]) => ({ reason, label, owner_role, owner_label }));
const STEPS = ["reserved", "sending", "in_warehouse", "shipped"];

export function detailOf(order) {
  const start = Date.parse(order.placed_at);
  const at = (seconds) => new Date(start + seconds * 1000).toISOString();
  const reached = STEPS.indexOf(order.status);
  const units = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const isPaid = order.paid_at !== null;
  const warehouse = order.warehouse_name ?? "杭州仓";
  const steps = [["订单进入", "小程序推送，签名核对无误；商品编码全部认识", "渠道", 0]];
  if (isPaid)
    steps.push([
      "付款成功",
      `微信支付回调：验签通过，金额 ¥${(order.total_fen / 100).toFixed(2)} 与订单一致`,
      "微信支付",
      42,
    ]);
  if (isPaid && order.status !== "waiting") {
    steps.push([
      `分到${warehouse}`,
      `收货地 ${order.place[0]} 的优先顺序第 1 位，整单有货`,
      "系统",
      42.04,
    ]);
    steps.push([
      "库存已预占 15 分钟",
      `${order.items_text}，全部成功；逾期未下发会续期并告警`,
      "系统",
      42.06,
    ]);
  }
  if (order.status === "held")
    steps.push([`挂起：${order.holds[0]?.label}`, "“门牌号缺失，已给买家留言”", "林岚", 300]);
  if (reached >= 1)
    steps.push(["仓库已占住库存", `WMS 在${warehouse}按发货单号占用成功`, "系统", 44]);
  if (reached >= 1)
    steps.push([
      "金蝶销售订单已保存",
      "先按我方单号查过，没有旧单；K3 单号 SEORD018842，已审核",
      "系统",
      47,
    ]);
  if (reached >= 2)
    steps.push(["发货单已下发", "奇门 deliveryorder.create 成功，仓库已接单", "系统", 50]);
  if (reached >= 3) steps.push(["已发运", `顺丰速运 ${order.waybill}；库存已扣减`, "仓库", 9000]);
  if (order.status === "cancelled")
    steps.push(["订单已取消", "原因：买家不想要了；预占已释放", "客服", 600]);
  const document = (kind, label, outside, state, state_label, attempts = 1, last_error = null) => ({
    kind,
    label,
    number: `${order.number}-${kind === "erp_document" ? "E" : "W"}1`,
    state,
    state_label,
    outside_number: outside,
    attempts,
    updated_at: at(50),
    last_error,
  });
  const documents = [];
  if (reached >= 1) {
    documents.push(document("wms_hold", "WMS 占用", "", "done", "已完成"));
    documents.push(
      reached === 1
        ? document(
            "erp_document",
            "金蝶销售订单",
            "",
            "unknown",
            "结果不明，正在核查",
            2,
            "金蝶没有回答（等了 30 秒）。系统会先按单号查询，再决定是否重发。",
          )
        : document("erp_document", "金蝶销售订单", "SEORD018842", "done", "已完成", 2),
    );
  }
  if (reached >= 2)
    documents.push(document("warehouse_order", "仓库发货单", "CK2026112200871", "done", "已完成"));
  return {
    ...order,
    lines: order.lines
      .map((line, index) => ({
        id: `${order.id}-${index}`,
        sku: line.sku,
        listing: line.sku,
        name: line.name,
        quantity: line.quantity,
        unit_price_fen: line.price,
        amount_fen: line.price * line.quantity,
        is_gift: false,
        bundle_of: null,
      }))
      .concat([
        {
          id: `${order.id}-g`,
          sku: "GIFT-BAG",
          listing: "GIFT-BAG",
          name: "品牌帆布袋",
          quantity: 1,
          unit_price_fen: 0,
          amount_fen: 0,
          is_gift: true,
          bundle_of: null,
        },
      ]),
    money: {
      items_fen: order.total_fen + 1200,
      discount_fen: 2000,
      freight_fen: 800,
      total_fen: order.total_fen,
      paid_fen: isPaid ? order.total_fen : 0,
      refunded_fen: order.status === "refunded" ? order.total_fen : 0,
    },
    payments: isPaid
      ? [
          {
            provider: "wechat_pay",
            provider_label: "微信支付",
            transaction_tail: "8842",
            amount_fen: order.total_fen,
            refunded_fen: 0,
            paid_at: order.paid_at,
            outcome: "accepted",
            outcome_label: "已入账",
          },
        ]
      : [],
    refunds:
      order.status === "refunded"
        ? [
            {
              provider: "wechat_pay",
              provider_label: "微信支付",
              number: `R${order.number}`,
              amount_fen: order.total_fen,
              status: "success",
              status_label: "已到账",
              received_at: at(4000),
            },
          ]
        : [],
    receiver: {
      name: order.receiver_masked.name,
      phone: order.receiver_masked.phone,
      province: order.place[0],
      city: order.place[1],
      district: order.place[2],
      town: "",
      detail: "****",
    },
    buyer_nick: "阿暖",
    remark: order.tags.length > 0 ? "请用礼品包装，不要放价格单" : "",
    reservation:
      order.warehouse === null
        ? null
        : {
            state: reached >= 1 ? "allocated" : "reserved",
            state_label: reached >= 1 ? "占用" : "预占",
            warehouse: order.warehouse,
            warehouse_name: warehouse,
            expires_at: order.reservation_expires_at ?? at(942),
            is_paid: isPaid,
            lines: units,
          },
    holds: order.holds.map((hold, index) => ({
      ...hold,
      id: `hold_${index}`,
      owner_label: hold.owner_role === "operations" ? "运营" : "客服",
      note: "门牌号缺失，已给买家留言",
      placed_at: at(300),
    })),
    hold_reasons: REASONS,
    documents,
    shipments:
      order.waybill === null
        ? []
        : [
            {
              carrier: "SF",
              carrier_label: "顺丰速运",
              waybill: order.waybill,
              shipped_at: at(9000),
              lines: units,
            },
          ],
    timeline: steps.map(([title, why, actor, seconds], index) => ({
      id: index + 1,
      at: at(seconds),
      code: "fake",
      title,
      why,
      actor,
      details: index === 2 ? { warehouse: order.warehouse, rank: 1, candidates: 4 } : {},
    })),
    allowed: [
      "reveal",
      "tag",
      ...(["shipped", "cancelled", "refunded"].includes(order.status) ? [] : ["cancel", "hold"]),
      ...(["sending", "reserved", "waiting"].includes(order.status) ? ["retry"] : []),
      ...(order.holds.length > 0 ? ["release_hold"] : []),
    ],
    sourcing:
      order.warehouse === null
        ? null
        : {
            warehouse: order.warehouse,
            candidates: [
              order.warehouse,
              ...Object.keys(WAREHOUSES).filter((code) => code !== order.warehouse),
            ].map((code, index) => ({
              warehouse: code,
              name: WAREHOUSES[code],
              rank: index + 1,
              is_chosen: index === 0,
              reason: [
                "整单有货，离收货地最近",
                "有货，但优先级低于已选仓",
                `${order.lines[0]?.sku} 只剩 1 件，不够`,
                "今日发货能力已满",
              ][index],
            })),
          },
  };
}
