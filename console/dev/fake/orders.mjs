/** Development only: made-up orders of a home-textile merchant. No name or number here is real. */
export const SKUS = [
  ["LOVE-2026", "情人节礼盒", 25990],
  ["RUG-160", "北欧短绒地毯 160×230", 89900],
  ["CURT-180", "遮光窗帘 180×260 雾灰", 31900],
  ["PILW-45", "亚麻抱枕 45×45", 5900],
  ["DUVET-200", "桑蚕丝被 200×230 春秋", 129900],
  ["SHEET-150", "长绒棉四件套 1.5 米", 45900],
  ["TOWEL-3", "新疆棉毛巾三条装", 6990],
  ["LAMP-03", "亚麻落地灯", 32900],
  ["GIFT-BAG", "品牌帆布袋（赠）", 0],
];
const PLACES = [
  ["浙江省", "杭州市", "西湖区"],
  ["江苏省", "苏州市", "吴中区"],
  ["广东省", "广州市", "天河区"],
  ["四川省", "成都市", "武侯区"],
  ["新疆维吾尔自治区", "乌鲁木齐市", "天山区"],
  ["山东省", "济南市", "历下区"],
  ["湖北省", "武汉市", "洪山区"],
];
const FAMILY = "王李张刘陈杨赵黄周吴徐孙";
export const WAREHOUSES = {
  "WH-HZ": "杭州仓",
  "WH-NT": "南通仓",
  "WH-GZ": "广州仓",
  "WH-CD": "成都仓",
};
const STATUSES = {
  unpaid: "待付款",
  waiting: "待预占",
  held: "挂起",
  reserved: "已预占",
  sending: "下发中",
  in_warehouse: "仓库作业中",
  shipped: "已发运",
  cancelled: "已取消",
  refunded: "已退款",
};
const CARRIERS = { SF: "顺丰速运", ZTO: "中通快递", JD: "京东物流" };
const MIX = [
  "shipped",
  "shipped",
  "shipped",
  "in_warehouse",
  "in_warehouse",
  "sending",
  "reserved",
  "reserved",
  "held",
  "unpaid",
  "shipped",
  "cancelled",
  "waiting",
  "in_warehouse",
  "refunded",
];

let seed = 20261122;
export function random() {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
}
const pick = (list) => list[Math.floor(random() * list.length)];
const at = (ms) => new Date(ms).toISOString();

export const orders = [];

export function addOrder(placed, status = pick(MIX)) {
  const number = orders.length + 1;
  const lines = [];
  for (let n = 0; n < 1 + Math.floor(random() * 3); n++) {
    const [sku, name, price] = pick(SKUS.slice(0, -1));
    if (!lines.some((line) => line.sku === sku))
      lines.push({ sku, name, price, quantity: 1 + Math.floor(random() * 3) });
  }
  const place = pick(PLACES);
  const isPaid = status !== "unpaid" && !(status === "cancelled" && random() < 0.5);
  const warehouse = ["unpaid", "waiting"].includes(status) ? null : pick(Object.keys(WAREHOUSES));
  const carrier = ["shipped", "in_warehouse"].includes(status) ? pick(Object.keys(CARRIERS)) : null;
  const total = lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
  const day = at(placed + 8 * 3600e3)
    .slice(0, 10)
    .replaceAll("-", "");
  const order = {
    id: `ord_01k${String(number).padStart(8, "0")}`,
    number: `M${day}${String(100000 + number * 7).slice(-6)}`,
    shop_id: "mini",
    shop_name: "一诺家纺小程序",
    channel: "mini_program",
    channel_label: "小程序",
    status,
    status_label: STATUSES[status],
    payment_status: status === "refunded" ? "refunded" : isPaid ? "paid" : "unpaid",
    fulfillment_status: ["unpaid", "held", "refunded"].includes(status) ? "waiting" : status,
    placed_at: at(placed),
    paid_at: isPaid ? at(placed + 42e3) : null,
    total_fen: total,
    lines,
    items_text: lines.map((line) => `${line.sku}×${line.quantity}`).join(" "),
    item_count: lines.reduce((sum, line) => sum + line.quantity, 0),
    receiver_masked: {
      name: `${pick([...FAMILY])}**`,
      phone: `1${pick(["38", "52", "86"])}****${1000 + Math.floor(random() * 9000)}`,
      region: place.join(""),
    },
    place,
    tags: lines.some((line) => line.sku === "LOVE-2026")
      ? ["VIP-LOVE"]
      : random() < 0.1
        ? ["加急"]
        : [],
    holds:
      status === "held"
        ? [
            pick([
              { reason: "address_unclear", label: "地址不清", owner_role: "customer_service" },
              { reason: "stock_doubt", label: "库存存疑", owner_role: "operations" },
            ]),
          ]
        : [],
    reservation_expires_at: ["reserved", "unpaid"].includes(status)
      ? at(Date.now() + 30e3 + random() * 850e3)
      : null,
    warehouse,
    warehouse_name: WAREHOUSES[warehouse] ?? null,
    carrier,
    carrier_label: CARRIERS[carrier] ?? null,
    waybill: status === "shipped" ? `SF${1400000000 + number * 131}` : null,
    version: 1,
  };
  orders.unshift(order);
  return order;
}

export function fill(total) {
  const now = Date.now();
  for (let n = total; n > 0; n--) addOrder(now - n * 97e3 - random() * 60e3);
}

export function progress(order) {
  const next = {
    unpaid: "reserved",
    waiting: "reserved",
    reserved: "sending",
    sending: "in_warehouse",
    in_warehouse: "shipped",
  }[order.status];
  if (next === undefined) return false;
  Object.assign(order, {
    status: next,
    status_label: STATUSES[next],
    fulfillment_status: next,
    payment_status: "paid",
    version: order.version + 1,
  });
  order.paid_at ??= at(Date.now());
  order.warehouse ??= "WH-HZ";
  order.warehouse_name = WAREHOUSES[order.warehouse];
  order.reservation_expires_at = next === "reserved" ? at(Date.now() + 900e3) : null;
  if (next === "in_warehouse") Object.assign(order, { carrier: "SF", carrier_label: "顺丰速运" });
  if (next === "shipped") order.waybill = `SF${1500000000 + Math.floor(random() * 1e8)}`;
  return true;
}

export function cancel(order) {
  Object.assign(order, {
    status: "cancelled",
    status_label: "已取消",
    fulfillment_status: "cancelled",
    version: order.version + 1,
    reservation_expires_at: null,
  });
}
