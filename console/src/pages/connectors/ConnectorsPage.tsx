/** The outside systems: how each does, its calls, and the stand-ins' faults where there are any. */
import "./connectors.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Freshness } from "@/kit/Freshness";
import { type Filters, useFilters } from "@/kit/search";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { CallsPanel } from "./CallsPanel";
import { ConnectorCard } from "./ConnectorCard";
import { Sandboxes } from "./Sandboxes";
import { useConnectors } from "./useConnectors";

export function ConnectorsPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<"open">();
  const connectors = useConnectors();
  const items = connectors.data?.items ?? [];
  const open = items.find((item) => item.name === (filters as Filters<"open">).open);
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">
          <Trans>连接器</Trans>
        </h1>
        <span className="quiet desk-only">
          <Trans>我们和外部系统之间的每一条通路</Trans>
        </span>
        <span className="top-space" />
        <Freshness at={connectors.dataUpdatedAt} />
      </div>
      {connectors.isPending ? (
        <LoadingState rows={6} />
      ) : connectors.error !== null && items.length === 0 ? (
        <ErrorState error={connectors.error} onRetry={() => void connectors.refetch()} />
      ) : items.length === 0 ? (
        <EmptyState title={t`还没有配置外部系统`} />
      ) : (
        <ul className="connectors">
          {items.map((item) => (
            <ConnectorCard
              key={item.name}
              item={item}
              isOpen={item.name === filters.open}
              onOpen={() => change({ open: item.name })}
            />
          ))}
        </ul>
      )}
      <Sandboxes />
      {filters.open !== undefined && (
        <CallsPanel
          key={filters.open}
          name={filters.open}
          label={open?.label ?? filters.open}
          onClose={() => change({ open: "" }, "replace")}
        />
      )}
    </div>
  );
}
