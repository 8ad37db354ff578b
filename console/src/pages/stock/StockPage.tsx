/** Stock per SKU and warehouse, as it stands this second. */
import "./stock.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, Input, Select } from "antd";
import { useEffect, useState } from "react";
import type { StockList } from "@/api/types";
import { Freshness } from "@/kit/Freshness";
import { useFilters } from "@/kit/search";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { usePhone } from "@/kit/usePhone";
import { useRowCursor } from "@/kit/useRowCursor";
import { ObservedNote } from "./ObservedNote";
import { Reconcile } from "./Reconcile";
import { SkuPanel } from "./SkuPanel";
import { StockCards } from "./StockCards";
import { StockTable } from "./StockTable";
import type { StockChange, StockFilter, StockFilters } from "./search";
import { useStock } from "./useStock";

export function StockPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<StockFilter>();
  const stock = useStock(filters);
  const isPhone = usePhone();
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const items = stock.rows;
  const skus = items.map((item) => item.sku);
  const cursor = useRowCursor({
    keys: skus,
    open: filters.open,
    onOpen: (open, how) => change({ open }, how),
  });
  const areAllOpen = skus.length > 0 && skus.every((sku) => expanded.has(sku));
  const open = (sku: string) => change({ open: sku });
  return (
    <div className={isPhone ? "page" : "page fills"}>
      <div className="page-head">
        <h1 className="page-title">
          <Trans>库存</Trans>
        </h1>
        <span className="top-space" />
        <Freshness at={stock.first?.as_of} />
        <Reconcile />
      </div>
      <ObservedNote />
      <div className="page-head">
        <StockFilterBar
          filters={filters}
          change={change}
          warehouses={stock.first?.warehouses ?? []}
        />
        <span className="top-space" />
        <Button
          type="link"
          className="desk-only"
          disabled={items.length === 0}
          onClick={() => setExpanded(areAllOpen ? new Set() : new Set(skus))}
        >
          {areAllOpen ? <Trans>全部收起</Trans> : <Trans>展开各仓</Trans>}
        </Button>
      </div>
      {stock.isLoading ? (
        <LoadingState rows={12} />
      ) : stock.error !== null && items.length === 0 ? (
        <ErrorState error={stock.error} onRetry={() => void stock.refetch()} />
      ) : items.length === 0 ? (
        <Nothing filters={filters} change={change} />
      ) : isPhone ? (
        <StockCards items={items} onOpen={open} />
      ) : (
        <StockTable
          items={items}
          cursor={cursor}
          open={filters.open}
          sort={stock.query.sort}
          expanded={expanded}
          onToggle={(sku) => setExpanded((before) => toggled(before, sku))}
          onOpen={open}
          onSort={(sort) => change({ sort: sort === "sku" ? "" : sort }, "replace")}
        />
      )}
      {stock.hasMore && (
        <Button onClick={stock.loadMore} loading={stock.isLoadingMore} className="stock-more">
          {t`载入更多`}
        </Button>
      )}
      {filters.open !== undefined && (
        <SkuPanel sku={filters.open} onClose={() => change({ open: "" }, "replace")} />
      )}
    </div>
  );
}

function toggled(before: ReadonlySet<string>, sku: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(sku)) after.add(sku);
  return after;
}

function StockFilterBar({
  filters,
  change,
  warehouses,
}: {
  filters: StockFilters;
  change: StockChange;
  warehouses: StockList["warehouses"];
}) {
  const { t } = useLingui();
  const [words, setWords] = useState(filters.q ?? "");
  useEffect(() => setWords(filters.q ?? ""), [filters.q]);
  return (
    <>
      <Input.Search
        className="stock-find"
        value={words}
        allowClear
        placeholder={t`商品编码或名称`}
        aria-label={t`在库存中查找`}
        onChange={(event) => {
          setWords(event.target.value);
          if (event.target.value === "") change({ q: "" }, "replace");
        }}
        onSearch={(found) => change({ q: found.trim(), open: "" }, "replace")}
      />
      <Select
        className="stock-warehouse"
        aria-label={t`仓库`}
        allowClear
        placeholder={t`全部仓库`}
        value={filters.warehouse ?? null}
        onChange={(warehouse: string | null | undefined) => change({ warehouse: warehouse ?? "" })}
        options={warehouses.map((one) => ({ value: one.code, label: one.name }))}
      />
      <Checkbox
        checked={filters.low === "true"}
        onChange={(event) => change({ low: event.target.checked ? "true" : "" })}
      >
        <Trans>只看库存紧张</Trans>
      </Checkbox>
    </>
  );
}

function Nothing({ filters, change }: { filters: StockFilters; change: StockChange }) {
  const { t } = useLingui();
  const isNarrowed = [filters.q, filters.warehouse, filters.low].some((one) => one !== undefined);
  if (!isNarrowed) {
    return (
      <EmptyState title={t`还没有库存`}>
        <Trans>从 ERP 或仓库收到第一份库存快照后，这里会按商品编码列出。</Trans>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={t`这些条件下没有商品`}>
      <Button onClick={() => change({ q: "", warehouse: "", low: "" })}>
        <Trans>清除筛选</Trans>
      </Button>
    </EmptyState>
  );
}
