import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import type { LedgerChange, StockItemDetail } from "@/api/types";
import { Moment } from "@/kit/Moment";
import { Section } from "@/kit/Section";
import { signed } from "./search";

const SHOWN = 20;

/** Why the numbers changed, the newest first. */
export function Ledger({ item }: { item: StockItemDetail }) {
  const { t } = useLingui();
  const [shown, setShown] = useState(SHOWN);
  const names = new Map(item.warehouses.map((level) => [level.warehouse, level.name]));
  return (
    <Section title={t`流水`}>
      {item.ledger.length === 0 && (
        <p className="section-empty">
          <Trans>还没有变动。</Trans>
        </p>
      )}
      <ol className="ledger">
        {item.ledger.slice(0, shown).map((change) => (
          <li key={change.id}>
            <span className="quiet ledger-time">
              <Moment at={change.at} />
            </span>
            <span className="ledger-kind">{change.kind_label}</span>
            <span className="quiet">{names.get(change.warehouse) ?? change.warehouse}</span>
            <Deltas change={change} />
            <span className="quiet ledger-cause">
              {change.cause_label !== change.kind_label && change.cause_label}{" "}
              {change.owner?.startsWith("ord_") && (
                <Link to="/orders/$orderId" params={{ orderId: change.owner }}>
                  <Trans>看订单</Trans>
                </Link>
              )}
            </span>
          </li>
        ))}
      </ol>
      {item.ledger.length > shown && (
        <Button type="link" onClick={() => setShown((before) => before + SHOWN)}>
          <Trans>更早的</Trans>
        </Button>
      )}
    </Section>
  );
}

function Deltas({ change }: { change: LedgerChange }) {
  const { t } = useLingui();
  const parts = [
    { name: t`在库`, delta: change.on_hand_delta },
    { name: t`预占`, delta: change.reserved_delta },
    { name: t`占用`, delta: change.allocated_delta },
    { name: t`外部占用`, delta: change.elsewhere_delta },
    { name: t`在途占用`, delta: change.in_flight_delta },
  ].filter((part) => part.delta !== 0);
  return (
    <span className="deltas">
      {parts.map(({ name, delta }) => (
        <span key={name} className={delta > 0 ? "delta is-up" : "delta is-down"}>
          {name} {signed(delta)}
        </span>
      ))}
      {parts.length === 0 && (
        <span className="quiet">
          <Trans>数字没有变</Trans>
        </span>
      )}
    </span>
  );
}
