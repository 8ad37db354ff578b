import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useEffect, useRef } from "react";
import type { MessageRow } from "@/api/types";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useRowCursor } from "@/kit/useRowCursor";
import { type MessageTab, percent } from "./search";
import type { useMessageList } from "./useMessages";

/** Messages of one kind of state, the newest first. */
export function Queue({
  list,
  tab,
  open,
  onOpen,
}: {
  list: ReturnType<typeof useMessageList>;
  tab: MessageTab;
  open: string | undefined;
  onOpen: (id: string, how: "push" | "replace") => void;
}) {
  const { t } = useLingui();
  const cursor = useRowCursor({ keys: list.rows.map((row) => row.id), open, onOpen });
  if (list.isLoading) return <LoadingState rows={8} />;
  if (list.error !== null && list.rows.length === 0) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (list.rows.length === 0) return <Empty tab={tab} />;
  return (
    <>
      <ol className="message-items sheet" aria-label={t`群消息`}>
        {list.rows.map((row) => (
          <Row
            key={row.id}
            row={row}
            isCursor={row.id === cursor}
            isOpen={row.id === open}
            onOpen={() => {
              if (row.id !== open) onOpen(row.id, "push");
            }}
          />
        ))}
      </ol>
      {list.hasMore && (
        <Button onClick={list.loadMore} loading={list.isLoadingMore} className="queue-more">
          <Trans>更多</Trans>
        </Button>
      )}
    </>
  );
}

function Empty({ tab }: { tab: MessageTab }) {
  const { t } = useLingui();
  if (tab === "waiting") {
    return (
      <EmptyState title={t`没有待确认的群消息`}>
        <Trans>把群里的话粘贴到上面；完整又有把握的会自动成单，其余的在这里等您确认。</Trans>
      </EmptyState>
    );
  }
  return <EmptyState title={t`这里还没有群消息`} />;
}

function Row({
  row,
  isCursor,
  isOpen,
  onOpen,
}: {
  row: MessageRow;
  isCursor: boolean;
  isOpen: boolean;
  onOpen: () => void;
}) {
  const { t } = useLingui();
  const box = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isCursor) box.current?.scrollIntoView({ block: "nearest" });
  }, [isCursor]);
  const classes = ["item", isCursor ? "is-cursor" : "", isOpen ? "is-open" : ""];
  const who = [row.group, row.sender].filter((part) => part !== "").join(" · ");
  return (
    <li className={classes.filter(Boolean).join(" ")} ref={box}>
      <div className="item-head">
        <Tag tone={row.state === "ordered" ? "green" : row.state === "waiting" ? "amber" : "grey"}>
          {row.kind_label}
        </Tag>
        {row.is_repeat && <Tag tone="red">{t`同样的话发过`}</Tag>}
        {row.waiting > 1 && <Tag tone="blue">{t`${row.waiting} 单`}</Tag>}
        <span className="item-meta quiet">
          {who !== "" && `${who} · `}
          <Time at={row.sent_at} />
          {row.confidence !== null && ` · ${t`把握 ${percent(row.confidence)}`}`}
        </span>
      </div>
      <button type="button" className="reset-button item-why" onClick={onOpen}>
        {row.excerpt}
      </button>
    </li>
  );
}
