/** What a list or a page shows when it has nothing to show. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Skeleton } from "antd";
import type { ReactNode } from "react";
import { ApiError } from "@/api/errors";

export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children !== undefined && <div className="state-hint">{children}</div>}
    </div>
  );
}

/** What happened, and what to do next, in the words of the server. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useLingui();
  const told = wordsOf(error) ?? {
    message: t`页面出错了`,
    nextStep: t`请刷新；仍不行请联系管理员。`,
  };
  return (
    <div className="state" role="alert">
      <p className="state-title">{told.message}</p>
      {told.nextStep !== "" && <p className="state-hint">{told.nextStep}</p>}
      {onRetry !== undefined && (
        <Button onClick={onRetry}>
          <Trans>再试一次</Trans>
        </Button>
      )}
    </div>
  );
}

export function wordsOf(error: unknown): { message: string; nextStep: string } | null {
  if (!(error instanceof ApiError)) return null;
  return { message: error.message, nextStep: error.nextStep };
}

export function LoadingState({ rows = 8 }: { rows?: number }) {
  const { t } = useLingui();
  return (
    <div className="state-loading" role="status" aria-label={t`正在载入`}>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}
