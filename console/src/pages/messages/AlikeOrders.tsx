import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { MessageDraft } from "@/api/types";
import { Section } from "@/kit/Section";
import { Time } from "@/kit/Time";

/** Orders of the same phone with the same goods: whether they are meant twice a person knows. */
export function AlikeOrders({ orders }: { orders: MessageDraft["alike"] }) {
  const { t } = useLingui();
  if (orders.length === 0) return null;
  return (
    <Section title={t`可能已经下过单`} tone="red">
      <ul className="alike-orders">
        {orders.map((order) => (
          <li key={order.order_id}>
            <Link to="/orders/$orderId" params={{ orderId: order.order_id }} className="mono">
              {order.number}
            </Link>{" "}
            <span className="quiet">
              {order.shop_name} · <Time at={order.placed_at} />
            </span>
          </li>
        ))}
      </ul>
      <p className="message-note quiet">
        <Trans>
          同一个电话、同样的商品。是重复的就按 X 标为不是订单（可以撤回），真要再来一单就确认。
        </Trans>
      </p>
    </Section>
  );
}
