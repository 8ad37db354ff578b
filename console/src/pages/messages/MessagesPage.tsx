/** Group messages: what waits for a person, what became orders, what is none, and the words. */
import "./messages.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useRef, useState } from "react";
import { useCommands } from "@/kit/keyboard";
import { useFilters } from "@/kit/search";
import { useMay } from "@/kit/session";
import { Tabs } from "@/kit/Tabs";
import { useFeedback } from "@/kit/useFeedback";
import { MessagePanel } from "./MessagePanel";
import { PasteBox } from "./PasteBox";
import { Queue } from "./Queue";
import { after, type MessageFilter, type MessageTab, type OpenDeeds, TABS, tabOf } from "./search";
import { type Deed, useDeed, useMessageList } from "./useMessages";
import { Words } from "./Words";

export function MessagesPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<MessageFilter>();
  const tab = tabOf(filters.tab);
  const list = useMessageList(tab);
  const may = useMay("messages.confirm");
  const deeds = useRef<OpenDeeds | null>(null);
  const [undo, setUndo] = useState<Deed | null>(null);
  const takeBack = useUndo(undo, () => setUndo(null));
  const open = filters.open;
  const counts = list.first?.counts;
  const labels: Record<MessageTab, string> = {
    waiting: t`待确认`,
    ordered: t`已成单`,
    talk: t`不是订单`,
    words: t`商品叫法`,
  };
  useCommands({ z: takeBack });
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="visually-hidden">
          <Trans>群消息</Trans>
        </h1>
        <Tabs<MessageTab>
          label={t`群消息的各页`}
          value={tab}
          tabs={TABS.map((key) => ({
            key,
            label: labels[key],
            count: key === "waiting" ? counts?.waiting : undefined,
          }))}
          onChange={(next) => change({ tab: next === "waiting" ? "" : next, open: "" })}
        />
        <span className="top-space" />
        {tab === "waiting" && (
          <span className="quiet desk-only key-help">
            <kbd className="key">J</kbd> <kbd className="key">K</kbd> <Trans>移动</Trans>{" "}
            <kbd className="key">Enter</kbd> <Trans>打开、确认</Trans> <kbd className="key">E</kbd>{" "}
            <Trans>修改</Trans> <kbd className="key">X</kbd> <Trans>不是订单</Trans>{" "}
            <kbd className="key">Z</kbd> <Trans>撤回</Trans>
          </span>
        )}
      </div>
      {tab === "words" ? (
        <Words may={may} />
      ) : (
        <div className="message-list">
          {tab === "waiting" && may && (
            <PasteBox onPut={(id, isWaiting) => change(isWaiting ? { open: id } : {}, "push")} />
          )}
          {undo !== null && (
            <div className="message-undo" role="status">
              <Trans>已标为不是订单</Trans>{" "}
              <Button size="small" onClick={takeBack}>
                <Trans>撤回</Trans> <kbd className="key">Z</kbd>
              </Button>
            </div>
          )}
          <Queue
            list={list}
            tab={tab}
            open={open}
            onOpen={(next, how) => {
              // Enter on what is open already confirms it.
              if (next === open && how === "push") deeds.current?.confirm();
              else change({ open: next }, how);
            }}
          />
        </div>
      )}
      {open !== undefined && (
        <MessagePanel
          key={open}
          messageId={open}
          deeds={deeds}
          onClose={() => change({ open: "" }, "replace")}
          onPutAside={setUndo}
          onDone={() => {
            const next = after(
              list.rows.map((row) => row.id),
              open,
            );
            change({ open: (tab === "waiting" ? next : open) ?? "" }, "replace");
          }}
        />
      )}
    </div>
  );
}

function useUndo(undo: Deed | null, onDone: () => void): () => void {
  const { t } = useLingui();
  const deed = useDeed();
  const feedback = useFeedback();
  return () => {
    if (undo === null || deed.isPending) return;
    deed.mutate(undo, {
      onSuccess: () => {
        feedback.done(t`已撤回，重新等待确认`);
        onDone();
      },
      onError: feedback.failed,
    });
  };
}
