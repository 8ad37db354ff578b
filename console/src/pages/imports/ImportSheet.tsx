/** One file: its columns, what would become of its orders, its progress and its problems. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Popconfirm, Progress } from "antd";
import type { ImportCounts, ImportDetail } from "@/api/types";
import { Section } from "@/kit/Section";
import { ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFeedback } from "@/kit/useFeedback";
import { Columns } from "./Columns";
import { TONES } from "./tones";
import { type ImportDeed, useDeed, useImport } from "./useImports";

export function ImportSheet({ id }: { id: string }) {
  const found = useImport(id);
  if (found.data === undefined) {
    return found.isLoading ? (
      <LoadingState />
    ) : (
      <ErrorState error={found.error} onRetry={() => void found.refetch()} />
    );
  }
  const detail = found.data;
  const isOpen = detail.facts.state === "uploaded" || detail.facts.state === "checked";
  return (
    <div className="import-one">
      <Head detail={detail} />
      {isOpen && <Columns detail={detail} />}
      {detail.facts.orders > 0 && <Result detail={detail} />}
    </div>
  );
}

function Head({ detail }: { detail: ImportDetail }) {
  const { facts } = detail;
  return (
    <div className="import-head">
      <strong>{facts.file_name || facts.id}</strong>
      <Tag tone={TONES[facts.state]}>{facts.state_label}</Tag>
      <span className="quiet">
        <Trans>
          {facts.shop} · {facts.rows} 行 · <Time at={facts.uploaded_at} kind="full" />
        </Trans>
      </span>
      {facts.repeats_at !== null && (
        <Alert
          type="warning"
          showIcon
          title={
            <Trans>
              这个文件 <Time at={facts.repeats_at} kind="full" />{" "}
              已上传过。已导入的订单不会重复，可以放心继续。
            </Trans>
          }
        />
      )}
    </div>
  );
}

function Result({ detail }: { detail: ImportDetail }) {
  const { t } = useLingui();
  const { facts } = detail;
  const feedback = useFeedback();
  const deed = useDeed(facts.id);
  const act = (what: ImportDeed) => deed.mutate(what, { onError: feedback.failed });
  const hasBegun = facts.started_at !== null;
  const counts = hasBegun ? facts.outcomes : facts.expected;
  const troubled = counts.refused + counts.differs;
  const news = facts.expected.new;
  const title = hasBegun ? t`导入结果` : t`核对结果（还没有导入）`;
  return (
    <Section title={title}>
      <div className="import-body">
        <Counts counts={counts} />
        {hasBegun && (
          <Progress
            percent={Math.floor((facts.done * 100) / facts.orders)}
            aria-label={t`导入进度`}
            status={facts.state === "running" ? "active" : "normal"}
            format={() => `${facts.done} / ${facts.orders}`}
          />
        )}
        <div className="import-bar">
          {facts.state === "checked" && (
            <>
              <Popconfirm
                title={t`导入 ${news} 张新订单？`}
                description={t`已存在、内容不同和有问题的订单不会改动。`}
                okText={t`开始导入`}
                cancelText={t`再看看`}
                onConfirm={() => act("start")}
              >
                <Button type="primary" loading={deed.isPending} disabled={news === 0}>
                  <Trans>开始导入</Trans>
                </Button>
              </Popconfirm>
              <Button loading={deed.isPending} onClick={() => act("check")}>
                <Trans>重新核对</Trans>
              </Button>
            </>
          )}
          {facts.state === "running" && (
            <Button danger loading={deed.isPending} onClick={() => act("cancel")}>
              <Trans>停止导入</Trans>
            </Button>
          )}
          {troubled > 0 && facts.forgotten_at === null && (
            <>
              <Button href={`/api/v1/imports/${facts.id}/problems?as=xlsx`} download>
                <Trans>下载问题行（Excel）</Trans>
              </Button>
              <Button href={`/api/v1/imports/${facts.id}/problems?as=csv`} download>
                <Trans>下载问题行（CSV）</Trans>
              </Button>
            </>
          )}
        </div>
        <Problems detail={detail} />
      </div>
    </Section>
  );
}

function Counts({ counts }: { counts: ImportCounts }) {
  const { t } = useLingui();
  const shown = [
    { name: t`新订单`, count: counts.new },
    { name: t`已存在`, count: counts.exists },
    { name: t`内容不同`, count: counts.differs },
    { name: t`有问题`, count: counts.refused },
  ];
  return (
    <dl className="import-counts">
      {shown.map(({ name, count }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  );
}

function Problems({ detail }: { detail: ImportDetail }) {
  const { t } = useLingui();
  if (detail.problems.length === 0) return null;
  return (
    <ul className="import-problems" aria-label={t`有问题的订单`}>
      {detail.problems.map((one) => (
        <li key={one.position}>
          <span className="mono">{one.number || "—"}</span>{" "}
          <span className="quiet">
            <Trans>第 {one.lines.join("、")} 行</Trans>
          </span>{" "}
          <Tag tone={one.outcome === "differs" ? "amber" : "red"}>{one.outcome_label}</Tag>
          <div>{one.problems.join("；")}</div>
        </li>
      ))}
    </ul>
  );
}
