import { CheckOutlined } from "@ant-design/icons";
import { useLingui } from "@lingui/react/macro";
import type { OrderDetail } from "@/api/types";
import { Section } from "@/kit/Section";

/** Which warehouse, and why not the others. */
export function SourcingCard({ order }: { order: OrderDetail }) {
  const { t } = useLingui();
  if (order.sourcing === null) return null;
  return (
    <Section title={t`分仓`}>
      <ol className="candidates">
        {order.sourcing.candidates.map((one) => (
          <li key={one.warehouse} className={one.is_chosen ? "is-chosen" : undefined}>
            <span className="candidate-rank" aria-hidden="true">
              {one.is_chosen ? <CheckOutlined /> : one.rank}
            </span>
            <span className="candidate-name">{one.name}</span>
            <span className={one.is_chosen ? undefined : "quiet"}>
              {one.is_chosen && <span className="visually-hidden">{t`已选：`}</span>}
              {one.reason}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
