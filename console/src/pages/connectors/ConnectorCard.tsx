import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Popconfirm } from "antd";
import type { Connector } from "@/api/types";
import { count } from "@/kit/format";
import { useMay } from "@/kit/session";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFeedback } from "@/kit/useFeedback";
import { CIRCUIT_TONES, HEALTH_TONES, milliseconds } from "./health";
import { useCircuitLabels, useHealthLabels } from "./labels";
import { useCheck, useTestMessage } from "./useConnectors";

/** One outside system: how it does, the last hour's figures, a check on demand. */
export function ConnectorCard({
  item,
  isOpen,
  onOpen,
}: {
  item: Connector;
  isOpen: boolean;
  onOpen: () => void;
}) {
  const { t } = useLingui();
  const health = useHealthLabels();
  const circuit = useCircuitLabels();
  const isSandbox = item.mode === "sandbox";
  return (
    <li className={isOpen ? "connector sheet is-open" : "connector sheet"}>
      <div className="connector-head">
        <h2 className="one-line">{item.label}</h2>
        <Tag tone={HEALTH_TONES[item.health] ?? "grey"}>{health[item.health] ?? item.health}</Tag>
      </div>
      <p className="connector-sub">
        <span className="mono quiet">{item.name}</span>
        <Tag tone={isSandbox ? "blue" : "grey"}>
          {isSandbox ? <Trans>沙箱</Trans> : <Trans>正式</Trans>}
        </Tag>
        {item.circuit !== "closed" && (
          <Tag tone={CIRCUIT_TONES[item.circuit] ?? "grey"}>
            {circuit[item.circuit] ?? item.circuit}
          </Tag>
        )}
      </p>
      {item.health_note !== "" && <p className="connector-note">{item.health_note}</p>}
      <dl className="connector-figures">
        <Figure name={t`近 1 小时调用`} value={count(item.calls_last_hour)} />
        <Figure
          name={t`失败`}
          value={count(item.failures_last_hour)}
          isBad={item.failures_last_hour > 0}
        />
        <Figure name="p50" value={milliseconds(item.p50_ms)} />
        <Figure name="p95" value={milliseconds(item.p95_ms)} />
      </dl>
      <p className="connector-times quiet">
        {item.last_success_at === null ? (
          <Trans>还没有成功过</Trans>
        ) : (
          <span>
            <Trans>
              上次成功 <Time at={item.last_success_at} />
            </Trans>
          </span>
        )}
        {item.last_failure_at !== null && (
          <span title={item.last_error ?? undefined}>
            <Trans>
              上次失败 <Time at={item.last_failure_at} />
            </Trans>{" "}
            {item.last_error !== null && <span className="mono">{item.last_error}</span>}
          </span>
        )}
      </p>
      <div className="connector-deeds">
        <Check item={item} />
        {item.system.endsWith("_robot") && <TestMessage item={item} />}
        <Button onClick={onOpen} aria-label={t`${item.label} 的调用记录`}>
          <Trans>调用记录</Trans>
        </Button>
      </div>
    </li>
  );
}

function Figure({ name, value, isBad }: { name: string; value: string; isBad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={isBad === true ? "is-bad" : undefined}>{value}</dd>
    </div>
  );
}

function Check({ item }: { item: Connector }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const may = useMay("connectors.check");
  const check = useCheck(item.name);
  const labels = useHealthLabels();
  if (!may) return null;
  const run = () =>
    check.mutate(undefined, {
      onSuccess: (found) => {
        const words = labels[found.health] ?? found.health;
        feedback.done(
          found.health_note === ""
            ? t`${item.label}：${words}`
            : t`${item.label}：${words}。${found.health_note}`,
        );
      },
      onError: feedback.failed,
    });
  return (
    <Button
      loading={check.isPending}
      onClick={run}
      title={t`真的调用一次，不改动对方任何东西`}
      aria-label={t`检查 ${item.label}`}
    >
      <Trans>检查</Trans>
    </Button>
  );
}

function TestMessage({ item }: { item: Connector }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const may = useMay("connectors.check");
  const send = useTestMessage(item.name);
  if (!may) return null;
  const run = () =>
    send.mutate(undefined, {
      onSuccess: () => feedback.done(t`${item.label}：测试消息已发到群里`),
      onError: feedback.failed,
    });
  return (
    <Popconfirm
      title={t`发一条测试消息`}
      description={t`群里的人都会看到这条消息。`}
      okText={t`发送`}
      cancelText={t`取消`}
      onConfirm={run}
    >
      <Button loading={send.isPending} aria-label={t`给 ${item.label} 发一条测试消息`}>
        <Trans>发一条测试消息</Trans>
      </Button>
    </Popconfirm>
  );
}
