/**
 * A stand-in for the product's API, for work on the console's pages alone. NOT the product: data is
 * made up, every password signs in, nothing is checked. node dev/fake-api.mjs [port]
 */
import { createServer } from "node:http";
import { detailOf } from "./fake/detail.mjs";
import { addOrder, cancel, fill, orders, progress, random } from "./fake/orders.mjs";

const PORT = Number(process.argv[2] ?? 8799);
const VIEWS = [
  "unpaid",
  "waiting",
  "held",
  "reserved",
  "sending",
  "in_warehouse",
  "shipped",
  "cancelled",
  "refunded",
];
const ME = {
  id: "usr_1",
  username: "ops",
  name: "林岚",
  role: "it_admin",
  role_label: "IT 管理员",
  language: "zh",
  permissions: [
    "orders.read",
    "orders.reveal",
    "orders.cancel",
    "orders.hold",
    "orders.retry",
    "orders.tag",
    "stock.read",
    "stock.reconcile",
    "exceptions.read",
    "exceptions.resolve",
    "connectors.read",
    "connectors.check",
    "sandbox.control",
    "audit.read",
    "audit.verify",
    "users.manage",
    "tokens.manage",
    "catalog.read",
  ],
};
let isSignedIn = true;
let hintNumber = 0;
const streams = new Set();
fill(1200);

function refuse(status, code, message, next_step) {
  return [status, { error: { code, message, next_step, details: {} } }];
}

function list(query) {
  const view = query.get("view") ?? "all";
  const q = (query.get("q") ?? "").toUpperCase();
  const sku = query.get("sku");
  const tag = query.get("tag");
  const sort = query.get("sort") ?? "-placed_at";
  const found = orders.filter(
    (order) =>
      (view === "all" || order.status === view) &&
      (q === "" ||
        order.number.startsWith(q) ||
        order.receiver_masked.phone.endsWith(q) ||
        order.items_text.includes(q) ||
        order.tags.includes(q)) &&
      (sku === null || order.lines.some((line) => line.sku === sku)) &&
      (tag === null || order.tags.includes(tag)),
  );
  const by = {
    placed_at: (a) => Date.parse(a.placed_at),
    total: (a) => a.total_fen,
    expires_at: (a) => Date.parse(a.reservation_expires_at ?? "2099-01-01"),
  }[sort.replace("-", "")];
  const way = sort.startsWith("-") ? -1 : 1;
  found.sort((a, b) => way * (by(a) - by(b)));
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  const counts = Object.fromEntries(
    VIEWS.map((name) => [name, orders.filter((order) => order.status === name).length]),
  );
  return [
    200,
    {
      items: found.slice(from, from + limit),
      next_cursor: found.length > from + limit ? String(from + limit) : null,
      counts: { all: orders.length, ...counts },
      counts_capped_at: 10000,
      as_of: new Date().toISOString(),
    },
  ];
}

function today() {
  const of = (status) => orders.filter((order) => order.status === status).length;
  return [
    200,
    {
      orders_today: 486,
      paid_today: 451,
      waiting: of("waiting"),
      held: of("held"),
      open_work_items: 12,
      reservations_ending_soon: 7,
      shipped_today: 318,
      median_seconds_to_reserve: 0.062,
    },
  ];
}

function hint(topic, id) {
  hintNumber += 1;
  for (const stream of streams)
    stream.write(
      `id: f-${hintNumber}\nevent: hint\ndata: ${JSON.stringify({ topic, id, v: hintNumber })}\n\n`,
    );
}

function onOrder(method, order, rest, body) {
  if (method === "GET") return [200, detailOf(order)];
  order.version += 1;
  if (rest === "reveal")
    return [
      200,
      {
        name: "王小暖",
        phone: "13800138000",
        province: order.place[0],
        city: order.place[1],
        district: order.place[2],
        town: "",
        detail: "示例路 1 号 2 幢 301 室（假地址）",
      },
    ];
  if (rest === "cancel") cancel(order);
  if (rest === "retry") progress(order);
  if (rest === "holds")
    Object.assign(order, {
      status: "held",
      status_label: "挂起",
      holds: [...order.holds, { reason: body.reason, label: "人工挂起", owner_role: "operations" }],
    });
  if (rest.startsWith("holds/"))
    Object.assign(order, { status: "reserved", status_label: "已预占", holds: [] });
  const tag = rest.startsWith("tags/") ? decodeURIComponent(rest.slice(5)) : null;
  if (tag !== null)
    order.tags = method === "PUT" ? [...order.tags, tag] : order.tags.filter((one) => one !== tag);
  hint("order", order.id);
  return [200, detailOf(order)];
}

function route(method, path, query, body) {
  if (path === "/session" && method === "POST") {
    if (body.password === "wrong")
      return refuse(
        401,
        "users.wrong_password",
        "用户名或密码不对。",
        "请核对后再试；连错 5 次会锁 15 分钟。",
      );
    isSignedIn = true;
    return [200, ME];
  }
  if (path === "/session" && method === "DELETE") {
    isSignedIn = false;
    return [204, null];
  }
  if (!isSignedIn) return refuse(401, "core.unauthenticated", "请先登录。", "");
  if (path === "/session") return [200, ME];
  if (path === "/today") return today();
  if (path === "/orders") return list(query);
  const [, id, rest = ""] = /^\/orders\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
  const order = orders.find((one) => one.id === id);
  if (order !== undefined) return onOrder(method, order, rest, body);
  return refuse(404, "core.not_found", "假接口没有这一项。", "请用真正的产品来看这一页。");
}

createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  const path = url.pathname.replace(/^\/api\/v1/, "");
  if (path === "/live") {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(`id: f-${hintNumber}\nevent: hello\ndata: {}\n\n`);
    streams.add(response);
    request.on("close", () => streams.delete(response));
    return;
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
  const [status, answer] = route(request.method, path, url.searchParams, body);
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(answer === null ? undefined : JSON.stringify(answer));
}).listen(PORT, "127.0.0.1", () => console.log(`fake API on http://127.0.0.1:${PORT}`));

setInterval(() => {
  const moved = orders.slice(0, 60).find((order) => random() < 0.1 && progress(order));
  if (moved !== undefined) hint("order", moved.id);
  if (random() < 0.15) hint("order", addOrder(Date.now(), "unpaid").id);
}, 1500);
