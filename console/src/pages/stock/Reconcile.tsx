import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal } from "antd";
import { useState } from "react";
import type { Reconciliation } from "@/api/types";
import { count } from "@/kit/format";
import { useMay } from "@/kit/session";
import { ErrorState, LoadingState } from "@/kit/states";
import { Time } from "@/kit/Time";
import { useFeedback } from "@/kit/useFeedback";
import { type CounterFacts, useCounters } from "./useCounters";
import { useReconcile } from "./useStock";

/** Compares all counters with their ledgers at a press, and shows every difference. */
export function Reconcile() {
  const { t } = useLingui();
  const feedback = useFeedback();
  const may = useMay("stock.reconcile");
  const run = useReconcile();
  const [isOpen, setOpen] = useState(false);
  if (!may) return null;
  const start = () => {
    setOpen(true);
    run.mutate(false);
  };
  const repair = () =>
    run.mutate(true, { onSuccess: () => feedback.done(t`已按流水修正，已记入审计`) });
  const found = run.data;
  const canRepair = found !== undefined && found.drift.length > 0 && !found.repaired;
  return (
    <>
      <Button onClick={start} title={t`把每个库存数字和它的流水重新算一遍`}>
        <Trans>对账</Trans>
      </Button>
      <Modal
        open={isOpen}
        title={t`库存对账`}
        width={620}
        onCancel={() => setOpen(false)}
        footer={[
          <Button key="close" onClick={() => setOpen(false)}>
            {t`关闭`}
          </Button>,
          canRepair && (
            <Button key="repair" type="primary" danger loading={run.isPending} onClick={repair}>
              {t`按流水修正`}
            </Button>
          ),
        ]}
      >
        {run.isPending && found === undefined && <LoadingState rows={3} />}
        {run.error !== null && <ErrorState error={run.error} onRetry={() => run.mutate(false)} />}
        {found !== undefined && run.error === null && <Result found={found} />}
      </Modal>
    </>
  );
}

function Result({ found }: { found: Reconciliation }) {
  const counters = useCounters();
  const checked = count(found.checked);
  const drifts = found.drift.length;
  if (drifts === 0) {
    return (
      <p className="reconciled is-clean" role="status">
        <Trans>
          核对了 {checked} 个库位，全部一致。 <Time at={found.ran_at} kind="full" />
        </Trans>
      </p>
    );
  }
  return (
    <>
      <p className="reconciled" role="status">
        {found.repaired ? (
          <Trans>
            核对了 {checked} 个库位，下面 {drifts} 处已按流水修正。
          </Trans>
        ) : (
          <Trans>
            核对了 {checked} 个库位，有 {drifts} 处和流水对不上。
          </Trans>
        )}
      </p>
      <table className="small-table">
        <thead>
          <tr>
            <th scope="col">
              <Trans>商品编码</Trans>
            </th>
            <th scope="col">
              <Trans>仓库</Trans>
            </th>
            <th scope="col">
              <Trans>数字</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>记着</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>应是</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {found.drift.map((one) => (
            <tr key={`${one.sku} ${one.warehouse} ${one.counter} ${one.against}`}>
              <td className="mono">{one.sku}</td>
              <td className="mono">{one.warehouse}</td>
              <td>{nameOf(counters, one.counter)}</td>
              <td className="number is-negative">{count(one.stored)}</td>
              <td className="number">{count(one.recomputed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function nameOf(counters: readonly CounterFacts[], key: string): string {
  return counters.find((counter) => counter.key === key)?.label ?? key;
}
