/** The exception queue: by state and cause, the most overdue first, all live. */
import "./exceptions.css";
import "./exceptions-phone.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useState } from "react";
import type { WorkItem, WorkItemState } from "@/api/types";
import { Freshness } from "@/kit/Freshness";
import { useFilters } from "@/kit/search";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Tabs } from "@/kit/Tabs";
import { useRowCursor } from "@/kit/useRowCursor";
import { ItemPanel } from "./ItemPanel";
import { ItemRow } from "./ItemRow";
import { Buckets, ClearFilters, QueueFilters } from "./QueueFilters";
import { ResolveModal } from "./ResolveModal";
import { bucketsOf, type QueueFilter, STATES, totalOf } from "./search";
import { useDeed, useItem, useQueue } from "./useQueue";

export function ExceptionsPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<QueueFilter>();
  const queue = useQueue(filters);
  const deed = useDeed();
  const [ending, setEnding] = useState<string>();
  const rows = queue.rows;
  const cursor = useRowCursor({
    keys: rows.map((row) => row.id),
    open: filters.open,
    onOpen: (open, how) => change({ open }, how),
  });
  const { state } = queue.query;
  const counts = queue.first?.counts ?? {};
  const total = totalOf(counts);
  const overdue = queue.first?.overdue ?? 0;
  const labels: Record<WorkItemState, string> = {
    open: t`待处理`,
    claimed: t`处理中`,
    resolved: t`已处理`,
  };
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="visually-hidden">
          <Trans>异常</Trans>
        </h1>
        <Tabs<WorkItemState>
          label={t`按状态看`}
          value={state}
          tabs={STATES.map((key) => ({
            key,
            label: labels[key],
            count: key === state && queue.first !== undefined ? total : undefined,
          }))}
          onChange={(next) => change({ state: next === "open" ? "" : next, kind: "", open: "" })}
        />
        {overdue > 0 && (
          <span className="overdue">
            <Trans>{overdue} 张已超时</Trans>
          </span>
        )}
        <span className="top-space" />
        <span className="quiet desk-only key-help">
          <kbd className="key">J</kbd> <kbd className="key">K</kbd> <Trans>移动</Trans>{" "}
          <kbd className="key">Enter</kbd> <Trans>打开</Trans>
        </span>
        <Freshness at={queue.first?.as_of} />
      </div>
      <div className="page-head">
        <QueueFilters filters={filters} change={change} />
      </div>
      <div className="queue">
        <Buckets
          buckets={bucketsOf(counts, queue.first?.kind_labels ?? {}, filters.kind)}
          total={total}
          chosen={filters.kind}
          onChoose={(kind) => change({ kind, open: "" })}
        />
        <div className={queue.isStale ? "queue-list is-stale" : "queue-list"}>
          {queue.isLoading ? (
            <LoadingState rows={10} />
          ) : queue.error !== null && rows.length === 0 ? (
            <ErrorState error={queue.error} onRetry={() => void queue.refetch()} />
          ) : rows.length === 0 ? (
            <Nothing state={state} isNarrowed={isNarrowed(filters)} change={change} />
          ) : (
            <ol className="items sheet" aria-label={t`异常队列`}>
              {rows.map((item) => (
                <ItemRow
                  key={item.id}
                  item={item}
                  isCursor={item.id === cursor}
                  isOpen={item.id === filters.open}
                  deed={deed}
                  onOpen={() => change({ open: item.id })}
                  onResolve={() => setEnding(item.id)}
                />
              ))}
            </ol>
          )}
          {queue.hasMore && (
            <Button onClick={queue.loadMore} loading={queue.isLoadingMore} className="queue-more">
              <Trans>更早的</Trans>
            </Button>
          )}
        </div>
      </div>
      {filters.open !== undefined && (
        <ItemPanel
          itemId={filters.open}
          deed={deed}
          onResolve={setEnding}
          onClose={() => change({ open: "" }, "replace")}
        />
      )}
      {ending !== undefined && (
        <Ending
          itemId={ending}
          known={rows.find((row) => row.id === ending)}
          resolutions={queue.first?.resolutions ?? []}
          deed={deed}
          onClose={() => setEnding(undefined)}
        />
      )}
    </div>
  );
}

function Ending({
  itemId,
  known,
  ...rest
}: { itemId: string; known: WorkItem | undefined } & Omit<
  React.ComponentProps<typeof ResolveModal>,
  "item"
>) {
  const asked = useItem(itemId);
  return <ResolveModal item={known ?? asked.data} {...rest} />;
}

function isNarrowed(filters: { q?: string; owner?: string; kind?: string }): boolean {
  return [filters.q, filters.owner, filters.kind].some((value) => value !== undefined);
}

function Nothing({
  state,
  isNarrowed,
  change,
}: {
  state: WorkItemState;
  isNarrowed: boolean;
  change: Parameters<typeof ClearFilters>[0]["change"];
}) {
  const { t } = useLingui();
  if (isNarrowed) {
    return (
      <EmptyState title={t`这些条件下没有异常单`}>
        <ClearFilters change={change} />
      </EmptyState>
    );
  }
  if (state === "open") {
    return (
      <EmptyState title={t`没有待处理的异常`}>
        <Trans>出了需要人处理的问题，会立刻出现在这里，带着原因、下一步和时限。</Trans>
      </EmptyState>
    );
  }
  return <EmptyState title={state === "claimed" ? t`没有人正在处理异常` : t`还没有处理过异常`} />;
}
