import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Input } from "antd";
import { useState } from "react";
import type { PaymentDayList } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import { useStart } from "./usePayments";

/** Compares a day now; of the running one only a sandbox has a bill. */
export function StartDay({
  list,
  onStarted,
}: {
  list: PaymentDayList;
  onStarted: (day: string) => void;
}) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const start = useStart();
  const [chosen, setChosen] = useState<string>();
  const day = chosen ?? list.newest_billed;
  const run = (wanted: string) =>
    start.mutate(wanted, {
      onSuccess: (found) => {
        if (found.stamp === "equal") feedback.done(t`已对账，两边一致`);
        onStarted(wanted);
      },
    });
  return (
    <span className="pay-start">
      <Input
        type="date"
        aria-label={t`要对账的日期`}
        value={day}
        max={list.serves_today ? list.today : list.newest_billed}
        onChange={(event) => setChosen(event.target.value)}
      />
      <Button
        type="primary"
        disabled={day === ""}
        loading={start.isPending && start.variables === day}
        onClick={() => run(day)}
      >
        <Trans>对账这一天</Trans>
      </Button>
      {list.serves_today && (
        <Button
          loading={start.isPending && start.variables === list.today}
          title={t`真实的支付平台次日才有对账单；沙箱可以先给出到目前为止的账单。`}
          onClick={() => run(list.today)}
        >
          <Trans>今天到目前（仅沙箱）</Trans>
        </Button>
      )}
    </span>
  );
}
