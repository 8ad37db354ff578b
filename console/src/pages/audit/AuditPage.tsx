/** Who did what, when, to what: append-only, chained, and provable at a press. */
import "./audit.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useEffect, useMemo, useState } from "react";
import type { AuditEntry } from "@/api/types";
import { useFilters } from "@/kit/search";
import { useMay } from "@/kit/session";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { useFeedback } from "@/kit/useFeedback";
import { type ActionName, AuditFilterBar } from "./AuditFilterBar";
import { Entry } from "./Entry";
import { type AuditFilter, isNarrowed } from "./search";
import { useAudit, useVerify } from "./useAudit";
import { VerifyButton, VerifyResult } from "./Verify";

export function AuditPage() {
  const { t } = useLingui();
  const feedback = useFeedback();
  const [filters, change] = useFilters<AuditFilter>();
  const audit = useAudit(filters);
  const verify = useVerify();
  const mayVerify = useMay("audit.verify");
  const actions = useSeenActions(audit.rows, filters.action);
  const rows = audit.rows;
  const { error: verifyError } = verify;
  useEffect(() => {
    if (verifyError !== null) feedback.failed(verifyError);
  }, [verifyError, feedback]);
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">
          <Trans>审计</Trans>
        </h1>
        <span className="quiet desk-only">
          <Trans>只能追加；每一条都锁住前一条</Trans>
        </span>
        <span className="top-space" />
        {mayVerify && <VerifyButton verify={verify} />}
      </div>
      {verify.data !== undefined && <VerifyResult found={verify.data} onClose={verify.reset} />}
      <AuditFilterBar filters={filters} change={change} actions={actions} />
      {audit.isLoading ? (
        <LoadingState rows={12} />
      ) : audit.error !== null && rows.length === 0 ? (
        <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState title={isNarrowed(filters) ? t`这些条件下没有审计记录` : t`还没有审计记录`} />
      ) : (
        <ol className="entries sheet" aria-label={t`审计记录，新的在上`}>
          {rows.map((entry) => (
            <Entry
              key={entry.id}
              entry={entry}
              isOpen={entry.id === filters.open}
              change={change}
            />
          ))}
        </ol>
      )}
      {audit.hasMore && (
        <Button onClick={audit.loadMore} loading={audit.isLoadingMore} className="audit-more">
          <Trans>更早的</Trans>
        </Button>
      )}
    </div>
  );
}

/** The actions met so far, so that one can be chosen again after the list was narrowed. */
function useSeenActions(rows: readonly AuditEntry[], chosen: string | undefined): ActionName[] {
  const [seen, setSeen] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    setSeen((before) => {
      const news = rows.filter((row) => !before.has(row.action));
      if (news.length === 0) return before;
      return new Map([...before, ...news.map((row) => [row.action, row.action_label] as const)]);
    });
  }, [rows]);
  return useMemo(() => {
    const names = new Map(seen);
    if (chosen !== undefined && !names.has(chosen)) names.set(chosen, chosen);
    return [...names]
      .map(([code, label]) => ({ code, label }))
      .sort((one, other) => one.label.localeCompare(other.label, "zh"));
  }, [seen, chosen]);
}
