import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { ME, orderList, orderRow, TODAY } from "@/testing/orders";
import { serve } from "@/testing/server";
import { visit } from "@/testing/visit";
import { seconds } from "./Numbers";

test("every number of the day is a link to its list", async () => {
  serve({
    "GET /session": { body: ME },
    "GET /today": { body: TODAY },
    "GET /orders": { body: orderList([orderRow()]) },
  });
  visit("/today");
  const held = await screen.findByRole("link", { name: /^挂起/ });
  expect(held.textContent).toContain("3");
  expect(held.getAttribute("href")).toBe("/orders?view=held");
  const ending = screen.getByRole("link", { name: /^预占将到期/ });
  expect(ending.getAttribute("href")).toBe("/orders?sort=expires_at");
});

test("a role without the exception queue sees none of it", async () => {
  const asked = serve({
    "GET /session": { body: ME },
    "GET /today": { body: TODAY },
    "GET /orders": { body: orderList([]) },
  });
  visit("/today");
  await screen.findByText("还没有订单");
  expect(screen.queryByText("待处理异常")).toBeNull();
  expect(asked.map((one) => one.path)).not.toContain("/work-items");
});

test("a median reads in the unit that fits", () => {
  expect([seconds(0.062), seconds(1.44)]).toEqual(["62 ms", "1.4 s"]);
});
