import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import type { OrderDetail } from "@/api/types";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFeedback } from "@/kit/useFeedback";
import type { DeedRunner } from "./useOrder";

/** Why the order stands still, and who clears it. Shown only when something holds it. */
export function Holds({ order, deed }: { order: OrderDetail; deed: DeedRunner }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  if (order.holds.length === 0) return null;
  const busy = deed.isPending && deed.variables.kind === "release" ? deed.variables.holdId : null;
  return (
    <Section title={t`挂起`} tone="red">
      <ul className="facts">
        {order.holds.map((hold) => (
          <li key={hold.id}>
            <span className="hold-what">
              <Tag tone="red">{hold.label}</Tag> <Trans>由{hold.owner_label}处理</Trans>
            </span>
            <span className="quiet">
              <Time at={hold.placed_at} />
            </span>
            {order.allowed.includes("release_hold") && (
              <Button
                size="small"
                loading={busy === hold.id}
                onClick={() =>
                  deed.mutate(
                    { kind: "release", holdId: hold.id },
                    { onSuccess: () => feedback.done(t`已解除；没有别的挂起时订单会继续`) },
                  )
                }
              >
                <Trans>解除</Trans>
              </Button>
            )}
            {hold.note !== "" && <span className="hold-note quiet">{hold.note}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
