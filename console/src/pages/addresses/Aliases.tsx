import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { answer, api } from "@/api/client";
import type { AddressAlias } from "@/api/types";
import { useMay } from "@/kit/session";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";
import { useAliases } from "./useAddresses";

/** What people taught: by whom, where it holds, how often it helped; one press takes it back. */
export function Aliases() {
  const { t } = useLingui();
  const list = useAliases();
  const may = useMay("addresses.correct");
  const client = useQueryClient();
  const feedback = useFeedback();
  // One press, no question: a wrong alias spoils the next order, and can be taught again.
  const rollBack = useMutation({
    mutationFn: (alias: AddressAlias) =>
      answer(
        api.POST("/api/v1/addresses/aliases/{alias_id}/roll-back", {
          params: { path: { alias_id: alias.id } },
          body: { reason: t`教错了` },
        }),
      ),
    onSuccess: () => feedback.done(t`已撤回，从下一单起不再使用；需要时可以重新教`),
    onError: feedback.failed,
    onSettled: () => void client.invalidateQueries({ queryKey: keys.addresses }),
  });
  if (list.isLoading) return <LoadingState rows={8} />;
  if (list.error !== null && list.rows.length === 0) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (list.rows.length === 0) {
    return (
      <EmptyState title={t`还没有别名`}>
        <Trans>确认地址时勾选“存为别名”，同样写法的地址下次就能自动认出。</Trans>
      </EmptyState>
    );
  }
  return (
    <div className="address-list">
      <ol className="items sheet" aria-label={t`别名`}>
        {list.rows.map((alias) => (
          <li key={alias.id} className={alias.is_standing ? "item" : "item is-gone"}>
            <div className="item-head">
              <strong>“{alias.text}”</strong>
              <span>→ {alias.line.text}</span>
              <Tag tone={alias.is_standing ? "green" : "grey"}>
                {alias.is_standing ? t`使用中` : t`已撤回`}
              </Tag>
            </div>
            <div className="item-foot">
              <p className="item-next quiet">
                {alias.scope_label}
                {alias.scope_name !== "" && `：${alias.scope_name}`} · {alias.made_by}{" "}
                <Time at={alias.made_at} /> · <Trans>认出 {alias.hits} 单</Trans>
                {alias.rolled_back_why !== "" && (
                  <>
                    {" "}
                    ·{" "}
                    <Trans>
                      {alias.rolled_back_by} 撤回：{alias.rolled_back_why}
                    </Trans>
                  </>
                )}
              </p>
              {alias.is_standing && may && (
                <Button
                  size="small"
                  danger
                  aria-label={t`撤回别名 ${alias.text}`}
                  title={t`从下一单起不再使用；已经按它确定的 ${alias.hits} 单不变`}
                  loading={rollBack.isPending && rollBack.variables.id === alias.id}
                  onClick={() => rollBack.mutate(alias)}
                >
                  <Trans>撤回</Trans>
                </Button>
              )}
            </div>
          </li>
        ))}
      </ol>
      {list.hasMore && (
        <Button onClick={list.loadMore} loading={list.isLoadingMore} className="queue-more">
          <Trans>更多</Trans>
        </Button>
      )}
    </div>
  );
}
