import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { ME, TODAY } from "@/testing/orders";
import { refusal, serve } from "@/testing/server";
import { visit } from "@/testing/visit";
import { backTo } from "./SignInPage";

test("whoever is not signed in signs in and comes back to where they went", async () => {
  const asked = serve({
    "GET /session": refusal(401, "请先登录。"),
    "POST /session": { body: ME },
    "GET /today": { body: TODAY },
    "GET /orders": { body: { items: [], next_cursor: null, counts: {}, as_of: null } },
  });
  const { router } = visit("/orders?view=held");
  await userEvent.type(await screen.findByLabelText("用户名"), "ops");
  await userEvent.type(screen.getByLabelText("密码"), "made-up-password");
  await userEvent.click(screen.getByRole("button", { name: /登\s?录/ }));
  await waitFor(() => expect(router.state.location.href).toBe("/orders?view=held"));
  const sent = asked.find((one) => one.method === "POST");
  expect(sent?.body).toEqual({ username: "ops", password: "made-up-password" });
});

test("a wrong pair is told in the server's words", async () => {
  serve({
    "GET /session": refusal(401, "请先登录。"),
    "POST /session": refusal(401, "用户名或密码不对。", "请核对后再试。"),
  });
  visit("/sign-in");
  await userEvent.type(await screen.findByLabelText("用户名"), "ops");
  await userEvent.type(screen.getByLabelText("密码"), "wrong{Enter}");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("用户名或密码不对。");
});

test.each([
  undefined,
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "/sign-in?back=/",
])("nobody is sent away to %s after signing in", (asked) => {
  expect(backTo(asked)).toBe("/today");
});
