/** Every channel beside the others: what came in, what waits, how far behind, what ran by itself. */
import "./channels.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Segmented } from "antd";
import { Freshness } from "@/kit/Freshness";
import { useFilters } from "@/kit/search";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Bands } from "./Bands";
import { byNeed } from "./board";
import { ShopRow } from "./ShopRow";
import { useBoard } from "./useBoard";

const SPANS = [1, 7, 30];
const USUAL = 7;

export function ChannelsPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<"days">();
  const days = SPANS.find((span) => String(span) === filters.days) ?? USUAL;
  const board = useBoard(days);
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">
          <Trans>渠道</Trans>
        </h1>
        <Segmented
          aria-label={t`自动化率看几天`}
          value={days}
          options={SPANS.map((value) => ({ value, label: t`近 ${value} 天` }))}
          onChange={(next) => change({ days: next === USUAL ? "" : String(next) })}
        />
        <span className="top-space" />
        <Freshness at={board.data?.as_of} />
      </div>
      {board.data === undefined ? (
        board.isLoading ? (
          <LoadingState rows={8} />
        ) : (
          <ErrorState error={board.error} onRetry={() => void board.refetch()} />
        )
      ) : (
        <>
          <Bands bands={board.data.bands} days={board.data.days} />
          {board.data.items.length === 0 ? (
            <EmptyState title={t`还没有店铺`}>
              <Trans>在“店铺”里新增后，它的订单会自己出现在这里。</Trans>
            </EmptyState>
          ) : (
            <ul className="board" aria-label={t`各店铺`}>
              {byNeed(board.data.items).map((row) => (
                <ShopRow key={row.shop_id} row={row} />
              ))}
            </ul>
          )}
        </>
      )}
    </div>
  );
}
