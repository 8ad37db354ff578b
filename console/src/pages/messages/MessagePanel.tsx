import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import type { MutableRefObject } from "react";
import { useState } from "react";
import type { MessageDetail, MessageDraft } from "@/api/types";
import { useCommands } from "@/kit/keyboard";
import { Section } from "@/kit/Section";
import { SidePanel } from "@/kit/SidePanel";
import { useMay } from "@/kit/session";
import { ErrorState, LoadingState } from "@/kit/states";
import { useFeedback } from "@/kit/useFeedback";
import { AlikeOrders } from "./AlikeOrders";
import { DraftEditor } from "./DraftEditor";
import { DraftFacts } from "./DraftFacts";
import { Marked } from "./Marked";
import { type OpenDeeds, spansOf } from "./search";
import { type Deed, useDeed, useMessage } from "./useMessages";

interface PanelProps {
  deeds: MutableRefObject<OpenDeeds | null>;
  onPutAside: (undo: Deed | null) => void;
  onDone: () => void;
}

/** A message whole: its words with what was read marked, and the drafts beside it. */
export function MessagePanel({
  messageId,
  onClose,
  ...rest
}: PanelProps & { messageId: string; onClose: () => void }) {
  const { t } = useLingui();
  const { data, error, refetch } = useMessage(messageId);
  return (
    <SidePanel label={t`群消息`} header={<Trans>群消息</Trans>} onClose={onClose}>
      {data === undefined ? (
        error === null ? (
          <LoadingState rows={8} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Opened message={data} {...rest} />
      )}
    </SidePanel>
  );
}

function Opened({ message, ...rest }: PanelProps & { message: MessageDetail }) {
  const { t } = useLingui();
  const waiting = message.drafts_read.filter((draft) => draft.state === "waiting");
  const current = waiting[0];
  const others = message.drafts_read.filter((draft) => draft !== current);
  const marked = current === undefined ? message.drafts_read : [current];
  return (
    <div className="message-open">
      <Section title={t`原话`}>
        <Marked text={message.text} spans={marked.flatMap(spansOf)} />
        {message.repeats !== null && (
          <p className="message-note message-warning">
            <Trans>这个群里发过同样的话，可能是重复下单，请确认。</Trans>
          </p>
        )}
      </Section>
      {current !== undefined && (
        <Current key={current.id} draft={current} count={waiting.length} {...rest} />
      )}
      {message.kind === "change" && <Change message={message} {...rest} />}
      {others.map((draft) => (
        <DraftFacts key={draft.id} draft={draft} />
      ))}
    </div>
  );
}

function Current({
  draft,
  count,
  deeds,
  onPutAside,
  onDone,
}: PanelProps & { draft: MessageDraft; count: number }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const deed = useDeed();
  const may = useMay("messages.confirm");
  const run = (wanted: Deed, words: string) => {
    if (deed.isPending || !may) return;
    deed.mutate(wanted, {
      onSuccess: () => {
        feedback.done(words);
        onPutAside(wanted.kind === "discard" ? { kind: "restore", draftId: wanted.draftId } : null);
        // With more drafts in the message the next of them stands here by itself.
        if (count === 1) onDone();
      },
      onError: feedback.failed,
    });
  };
  const discard = () => run({ kind: "discard", draftId: draft.id }, t`已标为不是订单`);
  useCommands({ x: discard });
  return (
    <>
      <AlikeOrders orders={draft.alike} />
      <DraftEditor
        draft={draft}
        count={count}
        deeds={deeds}
        isBusy={deed.isPending}
        may={may}
        onConfirm={(form) => run({ kind: "confirm", draftId: draft.id, form }, t`已成单`)}
        onDiscard={discard}
      />
    </>
  );
}

function Change({ message, deeds, onPutAside, onDone }: PanelProps & { message: MessageDetail }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const deed = useDeed();
  const may = useMay("messages.confirm");
  const [isWaiting] = useState(message.state === "waiting");
  const seen = () => {
    if (deed.isPending || !may) return;
    deed.mutate(
      { kind: "seen", messageId: message.id },
      {
        onSuccess: () => {
          feedback.done(t`已记为处理过`);
          onPutAside({ kind: "unseen", messageId: message.id });
          onDone();
        },
        onError: feedback.failed,
      },
    );
  };
  deeds.current = isWaiting ? { confirm: seen } : null;
  return (
    <Section title={message.change_label}>
      <p className="message-note quiet">
        <Trans>买家想改之前的单。请在“订单”里找到那一单处理，然后回到这里记为处理过。</Trans>
      </p>
      {isWaiting && may && (
        <div className="draft-bar">
          <Button type="primary" onClick={seen} loading={deed.isPending}>
            <Trans>处理好了</Trans> <kbd className="key">Enter</kbd>
          </Button>
        </div>
      )}
    </Section>
  );
}
