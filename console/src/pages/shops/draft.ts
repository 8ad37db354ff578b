/** A shop as the form holds it, and as the API takes it. */
import type { NewShop, Shop, ShopChange, ShopPreviewBody, ShopRule } from "@/api/types";

export interface ExceptionDraft {
  scope: "category" | "sku";
  key: string;
  percent: number;
  buffer: number;
  most: number | null;
}

export interface ShopDraft {
  id: string;
  channel: NewShop["channel"];
  name: string;
  reserve_on: NewShop["reserve_on"];
  ttl_minutes: number;
  is_active: boolean;
  is_observing: boolean;
  warehouses: string[];
  in_order: boolean;
  rule: { percent: number; buffer: number; most: number | null };
  exceptions: ExceptionDraft[];
}

export const NEW_SHOP: ShopDraft = {
  id: "",
  channel: "mini_program",
  name: "",
  reserve_on: "payment",
  ttl_minutes: 15,
  is_active: true,
  is_observing: true,
  warehouses: [],
  in_order: false,
  rule: { percent: 100, buffer: 0, most: null },
  exceptions: [],
};

export function draftOf(shop: Shop): ShopDraft {
  const of = (scope: ExceptionDraft["scope"], rules: Shop["by_sku"]) =>
    rules.map((one) => ({ scope, key: one.key, ...ruleOf(one.rule) }));
  return {
    id: shop.id,
    channel: shop.channel,
    name: shop.name,
    reserve_on: shop.reserve_on,
    ttl_minutes: Math.max(1, Math.round(shop.ttl_seconds / 60)),
    is_active: shop.is_active,
    is_observing: shop.is_observing,
    warehouses: shop.warehouses,
    in_order: shop.in_order,
    rule: ruleOf(shop.rule),
    exceptions: [...of("category", shop.by_category), ...of("sku", shop.by_sku)],
  };
}

/** An empty field means the neutral rule: all of it, nothing kept back, no cap. */
export function ruleOf(rule: Partial<ShopRule> | undefined): ShopDraft["rule"] {
  return {
    percent: rule?.percent ?? 100,
    buffer: rule?.buffer ?? 0,
    most: rule?.most ?? null,
  };
}

function common(draft: ShopDraft) {
  const of = (scope: ExceptionDraft["scope"]) =>
    (draft.exceptions ?? [])
      .filter((one) => one?.scope === scope && (one.key ?? "").trim() !== "")
      .map((one) => ({ key: one.key.trim(), rule: ruleOf(one) }));
  return {
    name: draft.name,
    reserve_on: draft.reserve_on,
    ttl_seconds: (draft.ttl_minutes ?? 15) * 60,
    is_active: draft.is_active,
    warehouses: draft.warehouses ?? [],
    in_order: draft.in_order,
    rule: ruleOf(draft.rule),
    by_category: of("category"),
    by_sku: of("sku"),
  };
}

export function newShop(draft: ShopDraft): NewShop {
  const { id, channel, is_observing } = draft;
  return { ...common(draft), id: id.trim(), channel, is_observing };
}

export function shopChange(draft: ShopDraft, version: number): ShopChange {
  return { ...common(draft), version };
}

export function previewBody(draft: ShopDraft, skus: string[]): ShopPreviewBody {
  return { ...common(draft), name: draft.name || "-", skus };
}
