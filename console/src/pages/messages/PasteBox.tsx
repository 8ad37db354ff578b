import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useFeedback } from "@/kit/useFeedback";
import { useMessageShops, usePaste } from "./useMessages";

const MOST_LETTERS = 4000;

/** Put a message in by hand: pasted from the group, read at once. */
export function PasteBox({ onPut }: { onPut: (id: string, isWaiting: boolean) => void }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const shops = useMessageShops();
  const paste = usePaste();
  const [text, setText] = useState("");
  const [group, setGroup] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  // The same for every try, so that a second press puts nothing in twice.
  const [key, setKey] = useState(() => fresh());
  const options = (shops.data?.items ?? []).map((shop) => ({ value: shop.id, label: shop.name }));
  const shop = chosen ?? options[0]?.value ?? null;
  const put = async () => {
    if (text.trim() === "" || paste.isPending) return;
    // Pressed before the shops have come: the press waits for them and is not lost.
    const asked = shop === null ? await shops.refetch({ cancelRefetch: false }) : null;
    const into = shop ?? asked?.data?.items[0]?.id;
    if (into === undefined) {
      feedback.failed(asked?.error);
      return;
    }
    paste.mutate(
      { key, shop_id: into, group: group.trim(), sender: "", text },
      {
        onSuccess: (kept) => {
          setText((now) => (now === text ? "" : now));
          setKey(fresh());
          if (kept.state === "ordered") feedback.done(t`已自动成单`);
          if (kept.state === "talk") feedback.done(t`看起来不是订单，已收在“不是订单”`);
          onPut(kept.id, kept.state === "waiting");
        },
        onError: feedback.failed,
      },
    );
  };
  return (
    <div className="message-paste sheet">
      <Input.TextArea
        aria-label={t`粘贴群消息`}
        autoSize={{ minRows: 2, maxRows: 8 }}
        maxLength={MOST_LETTERS}
        value={text}
        placeholder={t`粘贴群里的一条消息或整段接龙，Ctrl+Enter 识别`}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void put();
        }}
      />
      <div className="paste-bar">
        <Select
          aria-label={t`店铺`}
          className="paste-shop"
          options={options}
          value={shop}
          onChange={setChosen}
        />
        <Input
          aria-label={t`群名`}
          className="paste-group"
          maxLength={100}
          value={group}
          placeholder={t`群名（可不填）`}
          onChange={(event) => setGroup(event.target.value)}
        />
        <Button
          type="primary"
          onClick={() => void put()}
          loading={paste.isPending}
          disabled={shop === null}
        >
          <Trans>识别</Trans>
        </Button>
      </div>
    </div>
  );
}

/** A key of this page's own; the secure maker is absent on plain-http LAN addresses. */
function fresh(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
