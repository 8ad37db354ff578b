/** The day in numbers, each of which opens its list, and what is waiting for somebody. */
import "./today.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Freshness } from "@/kit/Freshness";
import { useMay } from "@/kit/session";
import { ErrorState, LoadingState } from "@/kit/states";
import { todayQuery } from "@/kit/todayQuery";
import { EndingSoon } from "./EndingSoon";
import { Newest } from "./Newest";
import { Numbers } from "./Numbers";
import { OpenItems } from "./OpenItems";

export function TodayPage() {
  const { t } = useLingui();
  const mayOrders = useMay("orders.read");
  const mayItems = useMay("exceptions.read");
  const today = useQuery({ ...todayQuery, enabled: mayOrders });
  if (!mayOrders) return <p className="page">{t`您的角色看不到今日的数字。`}</p>;
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">
          <Trans>今日</Trans>
        </h1>
        <Freshness at={today.dataUpdatedAt} />
      </div>
      {today.data !== undefined && <Numbers today={today.data} />}
      {today.data === undefined && today.error !== null && (
        <ErrorState error={today.error} onRetry={() => void today.refetch()} />
      )}
      {today.isPending && <LoadingState rows={3} />}
      <div className="today-panels">
        <Newest />
        <div className="today-side">
          <EndingSoon />
          {mayItems && <OpenItems />}
        </div>
      </div>
    </div>
  );
}
