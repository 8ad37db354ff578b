/** The order desk: views with counts, filters in the URL, one line per order, all live. */
import "./orders.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import type { OrderView } from "@/api/types";
import { Freshness } from "@/kit/Freshness";
import { RowList } from "@/kit/RowList";
import { useFilters } from "@/kit/search";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Tabs } from "@/kit/Tabs";
import { usePhone } from "@/kit/usePhone";
import { useRowCursor } from "@/kit/useRowCursor";
import { COLUMNS, LEAST_WIDTH } from "./columns";
import { FilterBar } from "./FilterBar";
import { OrderCard } from "./OrderCard";
import { OrderPanel } from "./OrderPanel";
import { type OrderFilter, type OrderFilters, VIEWS } from "./search";
import { useDesk } from "./useDesk";
import { useViewLabels } from "./useViewLabels";

export function OrdersPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<OrderFilter>();
  const desk = useDesk(filters);
  const labels = useViewLabels();
  const isPhone = usePhone();
  const cursor = useRowCursor({
    keys: desk.rows.map((row) => row.id),
    open: filters.open,
    onOpen: (open, how) => change({ open }, how),
  });
  const [tops, setTops] = useState(0);
  const counts = desk.first?.counts;
  const total = desk.rows.length;
  return (
    <div className={isPhone ? "page" : "page fills"}>
      <div className="page-head">
        <h1 className="visually-hidden">
          <Trans>订单</Trans>
        </h1>
        <Tabs<OrderView>
          label={t`按状态看`}
          value={desk.query.view}
          cap={desk.first?.counts_capped_at}
          tabs={VIEWS.map((view) => ({ key: view, label: labels[view], count: counts?.[view] }))}
          onChange={(view) => change({ view: view === "all" ? "" : view, open: "" })}
        />
        <span className="top-space" />
        {desk.isLong && (
          <Button type="link" onClick={() => setTops((times) => times + 1)}>
            <Trans>列表很长，回到顶部看最新</Trans>
          </Button>
        )}
        {desk.held > 0 && !desk.isLong && (
          <Button type="link" onClick={() => setTops((times) => times + 1)}>
            <Trans>{desk.held} 张新订单，回到顶部</Trans>
          </Button>
        )}
        <span className="quiet desk-only key-help">
          <kbd className="key">J</kbd> <kbd className="key">K</kbd> <Trans>移动</Trans>{" "}
          <kbd className="key">Enter</kbd> <Trans>打开</Trans>
        </span>
        <span className="desk-only">
          <Freshness at={desk.first?.as_of} />
        </span>
      </div>
      <FilterBar filters={filters} change={change} />
      {desk.isLoading ? (
        <LoadingState rows={12} />
      ) : desk.error !== null && total === 0 ? (
        <ErrorState error={desk.error} onRetry={() => void desk.refetch()} />
      ) : total === 0 ? (
        <Nothing filters={filters} onClear={() => change({ q: "", sku: "", tag: "", shop: "" })} />
      ) : (
        <RowList
          key={JSON.stringify(desk.query)}
          label={t`订单列表`}
          columns={COLUMNS}
          rows={desk.rows}
          keyOf={(row) => row.id}
          card={(row) => <OrderCard row={row} />}
          onOpen={(row) =>
            change({ open: row.id }, filters.open === undefined ? "push" : "replace")
          }
          openKey={filters.open}
          cursorKey={cursor}
          sort={desk.query.sort}
          onSort={(sort) => change({ sort, open: "" }, "replace")}
          onEnd={desk.loadMore}
          onAway={desk.onAway}
          topSignal={tops}
          minWidth={LEAST_WIDTH}
          footer={desk.hasMore ? t`正在载入更多…` : t`共 ${total} 单，到底了`}
        />
      )}
      {filters.open !== undefined && (
        <OrderPanel orderId={filters.open} onClose={() => change({ open: "" }, "replace")} />
      )}
    </div>
  );
}

function Nothing({ filters, onClear }: { filters: OrderFilters; onClear: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const asked = filters.q ?? filters.sku ?? filters.tag ?? filters.shop;
  if (asked === undefined) return <EmptyState title={t`这里没有订单`} />;
  return (
    <EmptyState title={t`没有找到“${asked}”`}>
      <p>
        <Trans>订单号要从头输；手机号只用后四位；商品编码和标签要完整。</Trans>
      </p>
      <Button onClick={onClear}>
        <Trans>清除筛选</Trans>
      </Button>{" "}
      {filters.view !== undefined && (
        <Button onClick={() => void navigate({ to: "/orders", search: { ...filters, view: "" } })}>
          <Trans>在全部订单里找</Trans>
        </Button>
      )}
    </EmptyState>
  );
}
