import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { Moment } from "@/kit/Moment";
import { SidePanel } from "@/kit/SidePanel";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { milliseconds, outcomeTone } from "./health";
import { useCalls } from "./useConnectors";

/** The last calls of one system, the newest first. */
export function CallsPanel({
  name,
  label,
  onClose,
}: {
  name: string;
  label: string;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const calls = useCalls(name);
  return (
    <SidePanel
      label={t`${label} 的调用记录`}
      focusKey={name}
      onClose={onClose}
      header={
        <>
          <h2 className="calls-title">{label}</h2>
          <span className="quiet">
            <Trans>调用记录，新的在上；不含个人信息</Trans>
          </span>
        </>
      }
    >
      {calls.isLoading && <LoadingState rows={10} />}
      {calls.error !== null && calls.rows.length === 0 && (
        <ErrorState error={calls.error} onRetry={() => void calls.refetch()} />
      )}
      {!calls.isLoading && calls.error === null && calls.rows.length === 0 && (
        <EmptyState title={t`还没有调用过`} />
      )}
      {calls.rows.length > 0 && (
        <ol className="calls sheet">
          {calls.rows.map((call) => (
            <li key={call.id}>
              <span className="quiet">
                <Moment at={call.at} />
              </span>
              <span className="mono call-operation">{call.operation}</span>
              <Tag tone={outcomeTone(call.outcome)}>{call.outcome_label}</Tag>
              <span className="quiet number">{milliseconds(call.milliseconds)}</span>
              {(call.reference !== null || call.code !== null) && (
                <span className="mono quiet call-more">
                  {call.reference} {call.code !== null && <strong>{call.code}</strong>}
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      {calls.hasMore && (
        <Button onClick={calls.loadMore} loading={calls.isLoadingMore} className="calls-more">
          <Trans>更早的</Trans>
        </Button>
      )}
    </SidePanel>
  );
}
