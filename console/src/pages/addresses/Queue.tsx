import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useEffect, useRef } from "react";
import type { AddressReading } from "@/api/types";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useRowCursor } from "@/kit/useRowCursor";
import { Marked } from "./Marked";
import type { useDoubtful } from "./useAddresses";

/** The addresses that wait for a person, the longest waiting first. */
export function Queue({
  queue,
  open,
  onOpen,
}: {
  queue: ReturnType<typeof useDoubtful>;
  open: string | undefined;
  onOpen: (orderId: string, how: "push" | "replace") => void;
}) {
  const { t } = useLingui();
  const cursor = useRowCursor({ keys: queue.rows.map((row) => row.order_id), open, onOpen });
  if (queue.isLoading) return <LoadingState rows={8} />;
  if (queue.error !== null && queue.rows.length === 0) {
    return <ErrorState error={queue.error} onRetry={() => void queue.refetch()} />;
  }
  if (queue.rows.length === 0) {
    return (
      <EmptyState title={t`没有待确认的地址`}>
        <Trans>系统拿不准的地址会立刻出现在这里；确认之前，订单不会发货。</Trans>
      </EmptyState>
    );
  }
  return (
    <div className="address-list">
      <ol className="items sheet" aria-label={t`待确认的地址`}>
        {queue.rows.map((row) => (
          <Row
            key={row.order_id}
            row={row}
            isCursor={row.order_id === cursor}
            isOpen={row.order_id === open}
            onOpen={() => onOpen(row.order_id, "push")}
          />
        ))}
      </ol>
      {queue.hasMore && (
        <Button onClick={queue.loadMore} loading={queue.isLoadingMore} className="queue-more">
          <Trans>更多</Trans>
        </Button>
      )}
    </div>
  );
}

function Row({
  row,
  isCursor,
  isOpen,
  onOpen,
}: {
  row: AddressReading;
  isCursor: boolean;
  isOpen: boolean;
  onOpen: () => void;
}) {
  const box = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isCursor) box.current?.scrollIntoView({ block: "nearest" });
  }, [isCursor]);
  const classes = ["item", isCursor ? "is-cursor" : "", isOpen ? "is-open" : ""];
  const [first] = row.contradictions;
  return (
    <li className={classes.filter(Boolean).join(" ")} ref={box}>
      <div className="item-head">
        <Tag tone="amber">{row.doubt_label}</Tag>
        <span className="mono">{row.order_number}</span>
        <span className="item-meta quiet">
          {row.shop_name} · <Time at={row.read_at} />
        </span>
      </div>
      <button type="button" className="reset-button item-why" onClick={onOpen}>
        <span className="visually-hidden">
          <Trans>确认订单 {row.order_number} 的地址</Trans>{" "}
        </span>
        {row.stated_region !== "" && (
          <span className="stated-region">
            <Marked text={row.stated_region} evidence={[]} contradictions={row.contradictions} />
          </span>
        )}
        <span className="masked">
          <Marked
            text={row.masked_text}
            evidence={row.evidence}
            contradictions={row.contradictions}
          />
        </span>
      </button>
      <p className="item-next">
        {first === undefined ? (
          <span className="quiet">
            {row.line.text === "" ? (
              <Trans>原文没有写省市区</Trans>
            ) : (
              <Trans>最可能在 {row.line.text}</Trans>
            )}
          </span>
        ) : (
          first.words
        )}
      </p>
    </li>
  );
}
