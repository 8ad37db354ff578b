import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import type { PaymentBill, PaymentDay } from "@/api/types";
import { Section } from "@/kit/Section";
import { SidePanel } from "@/kit/SidePanel";
import { useMay } from "@/kit/session";
import { ErrorState, LoadingState } from "@/kit/states";
import { Time } from "@/kit/Time";
import { DayStamp, Sides } from "./DayCard";
import { DifferenceItem } from "./DifferenceItem";
import { dayName, groupsOf, hasOtherDays } from "./days";
import { useDay, useStart } from "./usePayments";

/** One day beside the list: both sides, and what differs, by kind. */
export function DayPanel({
  day,
  today,
  onClose,
}: {
  day: string;
  today: string;
  onClose: () => void;
}) {
  const { i18n, t } = useLingui();
  const found = useDay(day);
  const facts = found.first?.day;
  const header = (
    <>
      <h2 className="panel-title">{dayName(day, i18n.locale, today)}</h2>
      {facts !== undefined && (
        <div className="panel-facts">
          <DayStamp day={facts} />
        </div>
      )}
    </>
  );
  return (
    <SidePanel label={t`当天对账`} focusKey={day} header={header} onClose={onClose}>
      {facts === undefined ? (
        found.isLoading ? (
          <LoadingState rows={6} />
        ) : (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : (
        <div className="pay-panel">
          <Both facts={facts} />
          {groupsOf(found.rows, t`已处理`).map((group) => (
            <Section key={group.key} title={group.label} {...(group.isOpen ? { tone: "red" } : {})}>
              <ul className="pay-differences">
                {group.items.map((item) => (
                  <DifferenceItem key={item.id} item={item} />
                ))}
              </ul>
            </Section>
          ))}
          {found.hasMore && (
            <Button onClick={found.loadMore} loading={found.isLoadingMore} className="pay-more">
              <Trans>更多差异</Trans>
            </Button>
          )}
        </div>
      )}
    </SidePanel>
  );
}

function Both({ facts }: { facts: PaymentDay }) {
  const { t } = useLingui();
  const may = useMay("payments.reconcile");
  const start = useStart();
  const again = may && (
    <Button size="small" loading={start.isPending} onClick={() => start.mutate(facts.day)}>
      {facts.stamp === "waiting" ? <Trans>现在对账</Trans> : <Trans>重新对账</Trans>}
    </Button>
  );
  return (
    <Section title={t`两边合计`} aside={again}>
      {facts.accounts.length === 0 ? (
        <p className="section-empty">
          <Trans>这一天还没有对过账。</Trans>
        </p>
      ) : (
        <Sides accounts={facts.accounts} />
      )}
      {facts.accounts.map((one) => (
        <Note key={`${one.provider} ${one.account}`} account={one} isRunning={facts.is_running} />
      ))}
      {facts.is_running && (
        <p className="pay-note quiet">
          <Trans>
            这是沙箱给出的到目前为止的账单；真实的支付平台次日才有，到时会再对一次，以那次为准。
          </Trans>
        </p>
      )}
      {hasOtherDays(facts) && (
        <p className="pay-note quiet">
          <Trans>合计不同而没有差异：跨零点的退款在两边记在不同的日子，已逐笔对上。</Trans>
        </p>
      )}
      {facts.stamp === "equal" && (
        <p className="pay-note">
          <Trans>逐笔核对一致，没有要处理的。</Trans>
        </p>
      )}
    </Section>
  );
}

function Note({ account, isRunning }: { account: PaymentBill; isRunning: boolean }) {
  if (account.problem === "" && account.compared_at === null) return null;
  return (
    <p className={account.problem === "" ? "pay-note quiet" : "pay-note pay-problem"}>
      {account.provider_label}
      {account.problem !== "" && <> · {account.problem}</>}
      {account.compared_at !== null && (
        <>
          {" · "}
          <Trans>
            上次对账 <Time at={account.compared_at} />
          </Trans>
        </>
      )}
      {account.problem !== "" && account.next_at !== null && !isRunning && (
        <>
          {" · "}
          <Trans>
            自动再取 <Time at={account.next_at} />
          </Trans>
        </>
      )}
    </p>
  );
}
