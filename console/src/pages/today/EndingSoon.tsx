import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Countdown, TtlBar } from "@/kit/Countdown";
import { EmptyState } from "@/kit/states";
import { useOrders } from "./useOrders";

const SHOWN = 6;

export function EndingSoon() {
  const { t } = useLingui();
  const orders = useOrders({ sort: "expires_at", limit: SHOWN });
  const rows = (orders.data?.items ?? []).filter((row) => row.reservation_expires_at !== null);
  return (
    <section className="panel sheet" aria-labelledby="ending">
      <div className="panel-head">
        <h2 id="ending">
          <Trans>预占倒计时</Trans>
        </h2>
        <Link to="/orders" search={{ sort: "expires_at" }}>
          <Trans>按剩余时间看</Trans>
        </Link>
      </div>
      {orders.isSuccess && rows.length === 0 && <EmptyState title={t`没有将到期的预占`} />}
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            <Link to="/orders/$orderId" params={{ orderId: row.id }} className="line is-ending">
              <span className="mono line-number">{row.number}</span>
              <TtlBar until={row.reservation_expires_at ?? ""} />
              <Countdown until={row.reservation_expires_at ?? ""} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
