import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Input, InputNumber } from "antd";
import { useState } from "react";
import { SkuChoice } from "@/kit/SkuChoice";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Time } from "@/kit/Time";
import { useFeedback } from "@/kit/useFeedback";
import { useForget, useTeach, useWords } from "./useMessages";

/** What the groups call the goods: taught by people, in force from the next message on. */
export function Words({ may }: { may: boolean }) {
  const { t } = useLingui();
  const words = useWords();
  const forget = useForget();
  const feedback = useFeedback();
  return (
    <div className="message-list">
      {may && <Teach />}
      {words.data === undefined &&
        (words.error === null ? (
          <LoadingState rows={6} />
        ) : (
          <ErrorState error={words.error} onRetry={() => void words.refetch()} />
        ))}
      {words.data?.items.length === 0 && (
        <EmptyState title={t`还没有教过叫法`}>
          <Trans>群里怎么叫一件商品，教一次，下一条消息就认得。</Trans>
        </EmptyState>
      )}
      {words.data !== undefined && words.data.items.length > 0 && (
        <ol className="message-items sheet" aria-label={t`商品叫法`}>
          {words.data.items.map((word) => (
            <li key={word.id} className="item word">
              <strong>“{word.text}”</strong>
              <span>
                → <span className="mono">{word.sku}</span>
                {word.factor > 1 && ` × ${word.factor}`}
              </span>
              <span className="item-meta quiet">
                {word.made_by} <Time at={word.made_at} />
              </span>
              {may && (
                <Button
                  size="small"
                  aria-label={t`撤回叫法 ${word.text}`}
                  onClick={() =>
                    forget.mutate(word.id, {
                      onSuccess: () => feedback.done(t`已撤回，从下一条消息起不再使用`),
                      onError: feedback.failed,
                    })
                  }
                >
                  <Trans>撤回</Trans>
                </Button>
              )}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Teach() {
  const { t } = useLingui();
  const teach = useTeach();
  const feedback = useFeedback();
  const [text, setText] = useState("");
  const [sku, setSku] = useState("");
  const [factor, setFactor] = useState(1);
  const run = () => {
    if (text.trim() === "" || sku.trim() === "" || teach.isPending) return;
    teach.mutate(
      { text: text.trim(), sku: sku.trim(), factor },
      {
        onSuccess: () => {
          setText("");
          setSku("");
          setFactor(1);
          feedback.done(t`已记住，下一条消息起生效`);
        },
        onError: feedback.failed,
      },
    );
  };
  return (
    <div className="message-paste sheet teach">
      <Input
        aria-label={t`群里的叫法`}
        placeholder={t`群里的叫法，如：爱心盒`}
        value={text}
        maxLength={40}
        onChange={(event) => setText(event.target.value)}
      />
      <SkuChoice label={t`商品编码`} value={sku} hint="" name="" onChange={setSku} />
      <InputNumber
        aria-label={t`一份是几件`}
        prefix={t`一份`}
        min={1}
        max={1000}
        precision={0}
        value={factor}
        onChange={(value) => setFactor(value ?? 1)}
      />
      <Button type="primary" onClick={run} loading={teach.isPending}>
        <Trans>教</Trans>
      </Button>
    </div>
  );
}
