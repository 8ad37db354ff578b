import { useLingui } from "@lingui/react/macro";

export function useHealthLabels(): Readonly<Record<string, string>> {
  const { t } = useLingui();
  return { ok: t`正常`, degraded: t`不稳`, down: t`连不上`, unknown: t`还没有数据` };
}

export function useCircuitLabels(): Readonly<Record<string, string>> {
  const { t } = useLingui();
  return { closed: t`畅通`, half_open: t`试探恢复中`, open: t`已熔断，暂停调用` };
}

export const FAULT_KINDS = [
  "delay",
  "error",
  "lose_answer",
  "drop",
  "duplicate",
  "reorder",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface KindWords {
  label: string;
  hint: string;
}

export function useFaultKinds(): Readonly<Record<FaultKind, KindWords>> {
  const { t } = useLingui();
  return {
    delay: { label: t`延迟`, hint: t`等够秒数再回答` },
    error: { label: t`报错`, hint: t`回一个错误，什么也不做` },
    lose_answer: { label: t`丢回答`, hint: t`事情做了，回答没送到` },
    drop: { label: t`丢请求`, hint: t`事情没做，也没有回答` },
    duplicate: { label: t`重复`, hint: t`同一件事送两遍` },
    reorder: { label: t`乱序`, hint: t`后来的先到` },
  };
}

/** Names for what the stand-ins remember; others are shown as the stand-in calls them. */
export function useStateNames(): Readonly<Record<string, string>> {
  const { t } = useLingui();
  return {
    payment_count: t`收款`,
    refund_count: t`退款`,
    payments: t`收款`,
    refunds: t`退款`,
    order_count: t`订单`,
    product_count: t`商品`,
    stock_version: t`库存版本`,
    orders_total: t`发货单`,
    holds_total: t`库存预占`,
    orders: t`订单`,
    holds: t`库存预占`,
    documents_total: t`单据`,
    documents: t`单据`,
    doubled: t`重复单据`,
    waiting_bookings: t`等待入账`,
    busy_components: t`忙着的组件`,
    stock: t`库存`,
    settings: t`设置`,
    pending_callbacks: t`等待回调`,
    message_count: t`群消息`,
    messages: t`群里看到的`,
  };
}
