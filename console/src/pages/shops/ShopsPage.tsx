/** Shops: what each may sell, how far it is behind, and what observing found. */
import "./shops.css";
import { PlusOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useState } from "react";
import { Freshness } from "@/kit/Freshness";
import { useFilters } from "@/kit/search";
import { useMay } from "@/kit/session";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { ShopCard } from "./ShopCard";
import { ShopEdit } from "./ShopEdit";
import { ShopPanel } from "./ShopPanel";
import { useShops } from "./useShops";

export function ShopsPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<"open">();
  const shops = useShops();
  const may = useMay("shops.write");
  const [isAdding, setAdding] = useState(false);
  const list = shops.data;
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">
          <Trans>店铺</Trans>
        </h1>
        <span className="top-space" />
        <Freshness at={list?.as_of} />
        {may && (
          <Button
            type="primary"
            icon={<PlusOutlined />}
            disabled={list === undefined}
            onClick={() => setAdding(true)}
          >
            <Trans>添加店铺</Trans>
          </Button>
        )}
      </div>
      {list === undefined ? (
        shops.isPending ? (
          <LoadingState />
        ) : (
          <ErrorState error={shops.error} onRetry={() => void shops.refetch()} />
        )
      ) : list.items.length === 0 ? (
        <EmptyState title={t`还没有店铺`}>
          <Trans>添加第一个店铺；新店铺先旁观，不会改动任何外部系统。</Trans>
        </EmptyState>
      ) : (
        <ul className="shops" aria-label={t`店铺`}>
          {list.items.map((shop) => (
            <ShopCard
              key={shop.id}
              shop={shop}
              list={list}
              isOpen={filters.open === shop.id}
              onOpen={() => change({ open: shop.id })}
            />
          ))}
        </ul>
      )}
      {filters.open !== undefined && list !== undefined && (
        <ShopPanel id={filters.open} list={list} onClose={() => change({ open: "" }, "replace")} />
      )}
      {isAdding && list !== undefined && (
        <ShopEdit
          list={list}
          onClose={() => setAdding(false)}
          onSaved={(id) => change({ open: id })}
        />
      )}
    </div>
  );
}
