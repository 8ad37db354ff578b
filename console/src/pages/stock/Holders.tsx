import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import type { Holder, StockItemDetail } from "@/api/types";
import { Countdown, TtlBar } from "@/kit/Countdown";
import { count } from "@/kit/format";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";

const SHOWN = 12;

/** Who holds units: reservations with what is left of them, allocations without an end. */
export function Holders({ item }: { item: StockItemDetail }) {
  const { t } = useLingui();
  const [shown, setShown] = useState(SHOWN);
  const holders = item.reservations;
  const names = new Map(item.warehouses.map((level) => [level.warehouse, level.name]));
  const total = count(holders.length);
  return (
    <Section title={t`谁占着`} aside={<span className="quiet">{total}</span>}>
      {holders.length === 0 && (
        <p className="section-empty">
          <Trans>没有订单占着它。</Trans>
        </p>
      )}
      <ul className="holders">
        {holders.slice(0, shown).map((holder) => (
          <HolderLine
            key={`${holder.owner} ${holder.warehouse} ${holder.state}`}
            holder={holder}
            warehouse={names.get(holder.warehouse) ?? holder.warehouse}
          />
        ))}
      </ul>
      {holders.length > shown && (
        <Button type="link" onClick={() => setShown((before) => before + 50)}>
          <Trans>再看 50 条</Trans>
        </Button>
      )}
    </Section>
  );
}

function HolderLine({ holder, warehouse }: { holder: Holder; warehouse: string }) {
  return (
    <li>
      <span className="mono holder-order">
        {holder.order_id === null ? (
          holder.owner
        ) : (
          <Link to="/orders/$orderId" params={{ orderId: holder.order_id }}>
            {holder.order_number ?? holder.order_id}
          </Link>
        )}
      </span>
      <span className="holder-units">×{holder.quantity}</span>
      <span className="quiet holder-place">{warehouse}</span>
      <span className="holder-state">
        <Tag tone={holder.state === "reserved" ? "jade" : "blue"}>{holder.state_label}</Tag>
        {holder.is_paid && (
          <Tag tone="green">
            <Trans>已付款</Trans>
          </Tag>
        )}
      </span>
      <span className="holder-left">
        {holder.expires_at === null ? (
          <span className="quiet">
            <Trans>没有时限</Trans>
          </span>
        ) : (
          <>
            <TtlBar until={holder.expires_at} />
            <Countdown until={holder.expires_at} />
          </>
        )}
      </span>
    </li>
  );
}
