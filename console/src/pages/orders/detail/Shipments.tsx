import { useLingui } from "@lingui/react/macro";
import type { OrderDetail } from "@/api/types";
import { CopyButton } from "@/kit/CopyButton";
import { Section } from "@/kit/Section";
import { Time } from "@/kit/Time";

export function Shipments({ order }: { order: OrderDetail }) {
  const { t } = useLingui();
  if (order.shipments.length === 0) return null;
  return (
    <Section title={t`发运`}>
      <ul className="facts">
        {order.shipments.map((shipment) => (
          <li key={shipment.waybill}>
            <span>
              {shipment.carrier_label} <span className="mono">{shipment.waybill}</span>
              <CopyButton text={shipment.waybill} label={t`复制运单号`} />
            </span>
            <span className="mono quiet one-line">
              {shipment.lines.map((line) => `${line.sku}×${line.quantity}`).join(" ")}
            </span>
            <span className="quiet">
              <Time at={shipment.shipped_at} kind="full" />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
