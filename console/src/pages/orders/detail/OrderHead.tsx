import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { OrderDetail } from "@/api/types";
import { CopyButton } from "@/kit/CopyButton";
import { Money } from "@/kit/Money";
import { StatusTag } from "@/kit/StatusTag";
import { Time } from "@/kit/Time";
import { useFlash } from "@/kit/useFlash";

export function OrderHead({
  order,
  aside,
  level: Heading = "h2",
}: {
  order: OrderDetail | undefined;
  aside?: ReactNode;
  /** h1 on a page of its own. */
  level?: "h1" | "h2";
}) {
  const { t } = useLingui();
  const isFlashing = useFlash(order?.status);
  if (order === undefined) {
    return <Heading className="order-number-big quiet">{t`订单`}</Heading>;
  }
  return (
    <>
      <div className="order-head-line">
        <Heading className="order-number-big mono">{order.number}</Heading>
        <CopyButton text={order.number} label={t`复制订单号`} />
        {aside}
        <span className={isFlashing ? "flash" : undefined}>
          <StatusTag status={order.status} label={order.status_label} />
        </span>
      </div>
      <div className="order-head-facts quiet">
        <span>{order.shop_name}</span>
        <span>{order.channel_label}</span>
        <span>
          <Time at={order.placed_at} kind="full" />
        </span>
        <Money fen={order.total_fen} />
      </div>
    </>
  );
}
