import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { StockLook, StockPart, StockStage } from "@/api/types";
import { count } from "@/kit/format";
import { Tag, type Tone } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { signed } from "./search";

const SYSTEMS = { wms: "WMS", erp: "ERP" } as const;
const TONES: Record<StockStage["stage"], Tone> = {
  contained: "jade",
  posted: "blue",
  pushed: "amber",
  reserved: "grey",
};

/** One system's photograph, how it leads to what is on hand, and which claims it knows. */
export function Look({
  look,
  total,
  children,
}: {
  look: StockLook;
  total: number;
  children?: ReactNode;
}) {
  const { t } = useLingui();
  const system = SYSTEMS[look.source];
  return (
    <div className="look">
      <Parts
        title={look.sets_on_hand ? t`从 ${system} 快照到在库` : t`${system} 快照对照在库`}
        aside={children}
        start={null}
        parts={look.parts}
        end={{ label: t`在库`, units: total }}
      />
      <p className="quiet look-times">
        <Trans>
          快照拍于 <Time at={look.as_of} kind="full" />
          ，其中对方记着占用 {count(look.claims)} 件。
        </Trans>{" "}
        {look.next_at !== null && (
          <Trans>
            下一份约在 <Time at={look.next_at} kind="full" />。
          </Trans>
        )}
      </p>
      {look.stages.length > 0 && (
        <ul className="look-stages" aria-label={t`占用推送到 ${system} 的进度`}>
          {look.stages.map((stage) => (
            <li key={stage.stage}>
              <Tag tone={TONES[stage.stage]}>{stage.label}</Tag>
              <span>
                <Trans>
                  {count(stage.units)} 件 · {count(stage.claims)} 单
                </Trans>
              </span>
              <span className="look-orders">
                {stage.orders.map((order) => (
                  <Link
                    key={order.order_id}
                    className="mono"
                    to="/orders/$orderId"
                    params={{ orderId: order.order_id }}
                  >
                    {order.number}
                  </Link>
                ))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface Sum {
  label: string;
  units: number;
}

/** Units added and taken, line by line, from one number to another. */
export function Parts({
  title,
  start,
  parts,
  end,
  aside,
}: {
  title: string;
  start: Sum | null;
  parts: readonly StockPart[];
  end: Sum;
  aside?: ReactNode;
}) {
  return (
    <>
      <div className="parts-head">
        <h4>{title}</h4>
        {aside}
      </div>
      <table className="parts">
        <tbody>
          {start !== null && (
            <tr>
              <th scope="row">{start.label}</th>
              <td className="number">{count(start.units)}</td>
            </tr>
          )}
          {parts.map((part, place) => (
            <tr key={part.kind}>
              <th scope="row">{part.label}</th>
              <td className="number">
                {start === null && place === 0 ? count(part.units) : signed(part.units)}
              </td>
            </tr>
          ))}
          <tr className="parts-sum">
            <th scope="row">= {end.label}</th>
            <td className="number">{count(end.units)}</td>
          </tr>
        </tbody>
      </table>
    </>
  );
}
