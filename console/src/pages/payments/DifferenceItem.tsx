import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { PaymentDifference } from "@/api/types";
import { Money } from "@/kit/Money";
import { useMay } from "@/kit/session";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { Settle } from "./Settle";

/** One difference: its cause, both amounts, its order, and what can be done. */
export function DifferenceItem({ item }: { item: PaymentDifference }) {
  const may = useMay("payments.reconcile");
  const isOpen = item.state === "open";
  return (
    <li className="pay-difference">
      <p className="pay-why">{item.why}</p>
      <p className="pay-facts">
        <span>
          <Trans>对账单</Trans> <Amount fen={item.bill_fen} />
        </span>
        <span>
          <Trans>一诺</Trans> <Amount fen={item.hub_fen} />
        </span>
        {item.order === null ? (
          <span className="quiet">
            <Trans>没有对应的订单</Trans>
          </span>
        ) : (
          <Link to="/orders/$orderId" params={{ orderId: item.order.id }} className="pay-order">
            <Trans>订单 {item.order.number}</Trans>
          </Link>
        )}
      </p>
      <p className="pay-facts quiet">
        <span className="pay-number">
          <Trans>交易号</Trans> <span className="mono">{item.transaction_id}</span>
        </span>
        <Time at={item.closed_at ?? item.found_at} />
      </p>
      {isOpen ? (
        may && <Settle item={item} />
      ) : (
        <p className="pay-facts">
          <Tag tone={item.state === "accepted" ? "jade" : "green"}>{item.state_label}</Tag>
          <span>{item.note === "" ? item.repair_label : item.note}</span>
        </p>
      )}
    </li>
  );
}

function Amount({ fen }: { fen: number | null }) {
  if (fen === null) {
    return (
      <span className="quiet">
        <Trans>没有</Trans>
      </span>
    );
  }
  return <Money fen={fen} />;
}
