import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useState } from "react";
import type { StockRepair, WantedStockRepair } from "@/api/types";
import { count } from "@/kit/format";
import { ReasonModal } from "@/kit/ReasonModal";
import { useMay } from "@/kit/session";
import { useFeedback } from "@/kit/useFeedback";
import { useCounters } from "./useCounters";
import { usePreviewRepair, useRepair } from "./useStock";

/** Shows what setting a SKU right would change, asks why, and does exactly that. */
export function Repair(wanted: WantedStockRepair) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const may = useMay("stock.reconcile");
  const preview = usePreviewRepair();
  const repair = useRepair();
  const [plan, setPlan] = useState<StockRepair | null>(null);
  if (!may) return null;
  const look = () =>
    preview.mutate(wanted, {
      onError: feedback.failed,
      onSuccess: (found) => {
        if (found.changes.length === 0) feedback.done(t`账实一致，不用修正`);
        else setPlan(found);
      },
    });
  const isAccept = wanted.kind === "accept";
  return (
    <>
      <Button size="small" onClick={look} loading={preview.isPending}>
        {isAccept ? <Trans>采用这份快照</Trans> : <Trans>按流水重算</Trans>}
      </Button>
      <ReasonModal
        open={plan !== null}
        title={isAccept ? t`采用快照作为在库` : t`按流水重算库存数字`}
        hint={plan !== null && <Changes plan={plan} isAccept={isAccept} />}
        suggestions={isAccept ? [t`现场盘点属实`, t`仓库系统故障`] : [t`对账发现差异`]}
        okText={t`确认修正`}
        isDangerous
        onOk={async (reason) => {
          if (plan === null) return;
          await repair.mutateAsync({ ...wanted, token: plan.token, reason });
          feedback.done(t`已修正，已记入审计`);
        }}
        onClose={() => setPlan(null)}
      />
    </>
  );
}

function Changes({ plan, isAccept }: { plan: StockRepair; isAccept: boolean }) {
  const counters = useCounters();
  const rows = plan.changes.flatMap((change) =>
    counters
      .filter((counter) => counter.key !== "safety")
      .map(({ key, label }) => {
        const figure = key as keyof typeof change.before;
        return {
          key: `${change.warehouse} ${key}`,
          warehouse: change.warehouse,
          label,
          before: change.before[figure],
          after: change.after[figure],
        };
      })
      .filter((row) => row.before !== row.after),
  );
  return (
    <>
      {isAccept ? (
        <Trans>下面的数字会变，到负责盘点的系统发来下一份快照为止。</Trans>
      ) : (
        <Trans>下面的数字会改成占用和流水算出来的数。</Trans>
      )}
      {rows.length > 0 && (
        <table className="small-table repair-changes">
          <thead>
            <tr>
              <th scope="col">
                <Trans>仓库</Trans>
              </th>
              <th scope="col">
                <Trans>数字</Trans>
              </th>
              <th scope="col" className="number">
                <Trans>现在</Trans>
              </th>
              <th scope="col" className="number">
                <Trans>修正后</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <td className="mono">{row.warehouse}</td>
                <td>{row.label}</td>
                <td className="number">{count(row.before)}</td>
                <td className="number">{count(row.after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length === 0 && (
        <p className="quiet">
          <Trans>看得到的数字都不变，只补记流水。</Trans>
        </p>
      )}
    </>
  );
}
