import { expect, test } from "vitest";
import { after, formOf, lacking, pieces, tabOf } from "./search";

const DRAFT = {
  id: "drf_1",
  label: "",
  state: "waiting",
  state_label: "待确认",
  confidence: 0.9,
  name: { value: "张晓梅", start: 0, end: 3, confidence: 0.99 },
  phone: null,
  address: null,
  lines: [
    {
      goods: { value: "情人节礼盒", start: 4, end: 13, confidence: 0.99 },
      sku: null,
      sku_name: "",
      quantity: { value: "2", start: 4, end: 6, confidence: 0.99 },
    },
  ],
  tags: [],
  remarks: [],
  missing: ["phone"],
  missing_labels: ["电话"],
  reply: "",
  order_id: null,
  decided_by: "",
  decided_at: null,
} as const;

test("the smaller of two fields that overlap shows", () => {
  const found = pieces("😊 2盒LOVE", [
    { field: "goods", start: 2, end: 8 },
    { field: "quantity", start: 2, end: 4 },
  ]);
  expect(found.map((piece) => [piece.text, piece.field])).toEqual([
    ["😊 ", ""],
    ["2盒", "quantity"],
    ["LOVE", "goods"],
  ]);
});

test("a draft starts a form that says what it lacks", () => {
  const draft = { ...DRAFT, lines: [...DRAFT.lines], tags: [], remarks: [], alike: [] };
  const form = formOf({ ...draft, missing: ["phone"], missing_labels: ["电话"] });
  expect(form.lines).toEqual([{ id: 0, sku: "", quantity: 2 }]);
  expect(lacking(form)).toEqual(["phone", "address", "lines"]);
  const whole = {
    ...form,
    phone: "19900000001",
    address: "杭州市西湖区文三路1号",
    lines: [{ id: 0, sku: "LOVE-2026", quantity: 2 }],
  };
  expect(lacking(whole)).toEqual([]);
});

test("after a decided message comes the next, and after the last the one before", () => {
  expect(after(["a", "b", "c"], "b")).toBe("c");
  expect(after(["a", "b"], "b")).toBe("a");
  expect(after(["b"], "b")).toBeUndefined();
});

test("a tab that does not exist is what waits", () => {
  expect(tabOf("nothing")).toBe("waiting");
  expect(tabOf("words")).toBe("words");
});
