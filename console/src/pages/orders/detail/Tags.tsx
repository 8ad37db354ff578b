import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { useState } from "react";
import type { OrderDetail } from "@/api/types";
import type { DeedRunner } from "./useOrder";

const MOST_LETTERS = 32;

export function Tags({ order, deed }: { order: OrderDetail; deed: DeedRunner }) {
  const { t } = useLingui();
  const may = order.allowed.includes("tag");
  return (
    <div className="order-tags">
      {order.tags.map((tag) => (
        <span key={tag} className="chip">
          <Link to="/orders" search={{ tag }} title={t`看带这个标签的订单`}>
            {tag}
          </Link>
          {may && (
            <button
              type="button"
              className="reset-button"
              aria-label={t`去掉标签 ${tag}`}
              onClick={() => deed.mutate({ kind: "untag", tag })}
            >
              <CloseOutlined aria-hidden />
            </button>
          )}
        </span>
      ))}
      {may && <NewTag onAdd={(tag) => deed.mutate({ kind: "tag", tag })} />}
    </div>
  );
}

function NewTag({ onAdd }: { onAdd: (tag: string) => void }) {
  const { t } = useLingui();
  const [words, setWords] = useState<string | null>(null);
  if (words === null) {
    return (
      <Button
        type="dashed"
        size="small"
        icon={<PlusOutlined aria-hidden />}
        onClick={() => setWords("")}
      >
        <Trans>标签</Trans>
      </Button>
    );
  }
  const done = () => {
    if (words.trim() !== "") onAdd(words.trim());
    setWords(null);
  };
  return (
    <Input
      autoFocus
      size="small"
      className="new-tag"
      value={words}
      maxLength={MOST_LETTERS}
      aria-label={t`新标签`}
      onChange={(event) => setWords(event.target.value)}
      onBlur={done}
      onPressEnter={(event) => {
        if (!event.nativeEvent.isComposing) done();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          setWords(null);
        }
      }}
    />
  );
}
