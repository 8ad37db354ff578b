import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { ME, orderDetail, orderList, orderRow, TODAY } from "@/testing/orders";
import { refusal, serve } from "@/testing/server";
import { visit } from "@/testing/visit";

const ROWS = [
  orderRow(),
  orderRow({ id: "ord_2", number: "M20261122000002", status: "held", status_label: "挂起" }),
];
const BASE = {
  "GET /session": { body: ME },
  "GET /today": { body: TODAY },
  "GET /orders": { body: orderList(ROWS) },
  "GET /orders/ord_1": { body: orderDetail() },
  "GET /orders/ord_2": { body: orderDetail({ ...ROWS[1], holds: [] }) },
};

test("the desk asks for exactly what the URL says, and shows one line per order", async () => {
  const asked = serve(BASE);
  visit("/orders?view=held&q=0001&sort=-total");
  const table = await screen.findByRole("table", { name: "订单列表" });
  expect(within(table).getAllByRole("row")).toHaveLength(3);
  expect(within(table).getByText("M20261122000001")).toBeTruthy();
  expect(within(table).getAllByText("¥259.90")).toHaveLength(2);
  const list = asked.find((one) => one.path === "/orders");
  expect(Object.fromEntries(list?.query ?? [])).toEqual({
    view: "held",
    sort: "-total",
    limit: "100",
    q: "0001",
  });
});

test("J, J, Enter opens the second order beside the list; Escape closes it", async () => {
  serve(BASE);
  const { router } = visit("/orders");
  await screen.findByRole("table");
  await userEvent.keyboard("jj{Enter}");
  const panel = await screen.findByRole("complementary", { name: "订单详情" });
  expect(await within(panel).findByText("付款成功，整单有货")).toBeTruthy();
  expect(router.state.location.search).toEqual({ open: "ord_2" });
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});

test("a refusal is told in the server's words, with what to do next", async () => {
  serve({ ...BASE, "GET /orders": refusal(503, "数据库没有回答", "请过一会儿再试") });
  visit("/orders");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("数据库没有回答");
  expect(alert.textContent).toContain("请过一会儿再试");
});

test("nothing found says how to search", async () => {
  serve({ ...BASE, "GET /orders": { body: orderList([]) } });
  visit("/orders?q=ZZZ");
  expect(await screen.findByText("没有找到“ZZZ”")).toBeTruthy();
});

test("the receiver is shown only after a reason, which is sent", async () => {
  const asked = serve({
    ...BASE,
    "POST /orders/ord_1/reveal": {
      body: { ...orderDetail().receiver, name: "王小暖", detail: "示例路 1 号" },
    },
  });
  visit("/orders/ord_1");
  await userEvent.click(await screen.findByRole("button", { name: "查看完整信息" }));
  const dialog = await screen.findByRole("dialog");
  const confirm = within(dialog).getByRole("button", { name: /^查\s?看$/ });
  expect((confirm as HTMLButtonElement).disabled).toBe(true);
  await userEvent.click(within(dialog).getByRole("button", { name: "补发或换货" }));
  await userEvent.click(confirm);
  expect(await screen.findByText("王小暖", { exact: false })).toBeTruthy();
  const reveal = asked.find((one) => one.path.endsWith("/reveal"));
  expect(reveal?.body).toEqual({ reason: "补发或换货" });
});

test("what the server does not allow is not offered", async () => {
  serve({ ...BASE, "GET /orders/ord_1": { body: orderDetail({ allowed: [] }) } });
  visit("/orders/ord_1");
  await screen.findByText("付款成功，整单有货");
  expect(screen.queryByRole("button", { name: "取消订单" })).toBeNull();
  expect(screen.queryByRole("button", { name: "查看完整信息" })).toBeNull();
});

test("a cancellation that is refused keeps its dialog and says why", async () => {
  const asked = serve({
    ...BASE,
    "POST /orders/ord_1/cancel": refusal(409, "订单已发运，不能取消。", "请走售后流程。"),
  });
  visit("/orders/ord_1");
  await userEvent.click(await screen.findByRole("button", { name: "取消订单" }));
  const dialog = await screen.findByRole("dialog");
  await userEvent.type(within(dialog).getByRole("textbox", { name: "原因" }), "买家要求");
  await userEvent.click(within(dialog).getByRole("button", { name: "取消订单，不能恢复" }));
  const alert = await within(dialog).findByRole("alert");
  expect(alert.textContent).toContain("订单已发运，不能取消。");
  expect(asked.filter((one) => one.path.endsWith("/cancel"))).toHaveLength(1);
});
