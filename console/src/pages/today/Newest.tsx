import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { OrderRow } from "@/api/types";
import { region } from "@/kit/format";
import { Money } from "@/kit/Money";
import { StatusTag } from "@/kit/StatusTag";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Time } from "@/kit/Time";
import { useFlash } from "@/kit/useFlash";
import { useOrders } from "./useOrders";

const SHOWN = 14;

export function Newest() {
  const { t } = useLingui();
  const orders = useOrders({ sort: "-placed_at", limit: SHOWN });
  const rows = orders.data?.items ?? [];
  return (
    <section className="panel sheet" aria-labelledby="newest">
      <div className="panel-head">
        <h2 id="newest">
          <Trans>最新订单</Trans>
        </h2>
        <Link to="/orders" search={{}}>
          <Trans>全部订单</Trans>
        </Link>
      </div>
      {orders.isPending && <LoadingState rows={6} />}
      {orders.error !== null && rows.length === 0 && <ErrorState error={orders.error} />}
      {orders.isSuccess && rows.length === 0 && (
        <EmptyState title={t`还没有订单`}>
          <Trans>小程序一有人下单，这里马上就会出现。</Trans>
        </EmptyState>
      )}
      <ul>
        {rows.map((row) => (
          <Line key={row.id} row={row} />
        ))}
      </ul>
    </section>
  );
}

function Line({ row }: { row: OrderRow }) {
  const isFlashing = useFlash(row.version);
  return (
    <li>
      <Link
        to="/orders/$orderId"
        params={{ orderId: row.id }}
        className={isFlashing ? "line flash" : "line"}
      >
        <span className="mono line-number">{row.number}</span>
        <StatusTag status={row.status} label={row.status_label} />
        <span className="one-line line-items">{row.items_text}</span>
        <span className="one-line line-region quiet">{region(row.receiver_masked.region)}</span>
        <span className="line-money">
          <Money fen={row.total_fen} />
        </span>
        <span className="line-time quiet">
          <Time at={row.placed_at} />
        </span>
      </Link>
    </li>
  );
}
