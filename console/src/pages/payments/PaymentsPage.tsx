/** Payments beside the providers' daily bills: days, both sides, and whether they agree. */
import "./payments.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { Freshness } from "@/kit/Freshness";
import { useFilters } from "@/kit/search";
import { useMay } from "@/kit/session";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { DayCard } from "./DayCard";
import { DayPanel } from "./DayPanel";
import { StartDay } from "./StartDay";
import { useDays } from "./usePayments";

export function PaymentsPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<"open">();
  const may = useMay("payments.reconcile");
  const days = useDays();
  const first = days.first;
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">
          <Trans>收款对账</Trans>
        </h1>
        <span className="quiet desk-only">
          <Trans>每天 10:15 起自动取前一天的对账单，与一诺的账逐笔核对</Trans>
        </span>
        <span className="top-space" />
        <Freshness at={first?.as_of} />
        {may && first?.has_accounts === true && (
          <StartDay list={first} onStarted={(open) => change({ open })} />
        )}
      </div>
      {first === undefined ? (
        days.isLoading ? (
          <LoadingState />
        ) : (
          <ErrorState error={days.error} onRetry={() => void days.refetch()} />
        )
      ) : days.rows.length === 0 ? (
        <EmptyState title={t`还没有对过账`}>
          {first.has_accounts ? (
            <Trans>有了收款，次日 10:15 起会自动对账；也可以在上面选一天立即对账。</Trans>
          ) : (
            <Trans>设置里还没有微信支付或支付宝的商户账户，见“连接器”。</Trans>
          )}
        </EmptyState>
      ) : (
        <ol className="pay-days" aria-label={t`对账的日子，新的在前`}>
          {days.rows.map((day) => (
            <DayCard
              key={day.day}
              day={day}
              today={first.today}
              isOpen={day.day === filters.open}
              onOpen={() => change({ open: day.day })}
            />
          ))}
        </ol>
      )}
      {days.hasMore && (
        <Button onClick={days.loadMore} loading={days.isLoadingMore} className="pay-more">
          <Trans>更早的</Trans>
        </Button>
      )}
      {filters.open !== undefined && (
        <DayPanel
          day={filters.open}
          today={first?.today ?? filters.open}
          onClose={() => change({ open: "" }, "replace")}
        />
      )}
    </div>
  );
}
