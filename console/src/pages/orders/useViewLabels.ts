import { useLingui } from "@lingui/react/macro";
import type { OrderView } from "@/api/types";

export function useViewLabels(): Record<OrderView, string> {
  const { t } = useLingui();
  return {
    all: t`全部`,
    unpaid: t`待付款`,
    waiting: t`待预占`,
    held: t({ message: "挂起", context: "status" }),
    reserved: t`已预占`,
    sending: t`下发中`,
    in_warehouse: t`仓库作业中`,
    shipped: t`已发运`,
    cancelled: t`已取消`,
    refunded: t`已退款`,
  };
}
