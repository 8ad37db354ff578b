import { Trans, useLingui } from "@lingui/react/macro";
import type { OrderDetail } from "@/api/types";
import { Money } from "@/kit/Money";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";

const REFUND_TONES = {
  processing: "blue",
  success: "green",
  closed: "grey",
  abnormal: "red",
} as const;

export function Payments({ order }: { order: OrderDetail }) {
  const { t } = useLingui();
  return (
    <Section title={t`收款与退款`}>
      {order.payments.length === 0 && (
        <p className="section-empty">
          <Trans>还没有收到付款。</Trans>
        </p>
      )}
      <ul className="facts">
        {order.payments.map((payment) => {
          const tail = payment.transaction_tail;
          return (
            <li key={`${payment.provider} ${tail} ${payment.paid_at}`}>
              <span>
                {payment.provider_label}{" "}
                <span className="mono quiet" title={t`交易号末四位`}>
                  …{tail}
                </span>
              </span>
              <Tag tone={payment.outcome === "accepted" ? "green" : "amber"}>
                {payment.outcome_label}
              </Tag>
              <span className="quiet">
                <Time at={payment.paid_at} kind="full" />
              </span>
              <Money fen={payment.amount_fen} />
            </li>
          );
        })}
        {order.refunds.map((refund) => (
          <li key={refund.number}>
            <span>
              <Trans>退款</Trans> <span className="mono quiet">{refund.number}</span>
            </span>
            <Tag tone={REFUND_TONES[refund.status]}>{refund.status_label}</Tag>
            <span className="quiet">
              <Time at={refund.received_at} kind="full" />
            </span>
            <Money fen={-refund.amount_fen} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
