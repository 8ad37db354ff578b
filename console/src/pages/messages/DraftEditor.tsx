import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Input, type InputRef } from "antd";
import type { MutableRefObject, ReactNode } from "react";
import { useId, useRef, useState } from "react";
import type { MessageDraft } from "@/api/types";
import { CopyButton } from "@/kit/CopyButton";
import { useCommands } from "@/kit/keyboard";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";
import { LineRows } from "./LineRows";
import { type DraftForm, formOf, lacking, type OpenDeeds, percent } from "./search";

const SURE = 0.9;

/** A draft to confirm: every field can be put right, Enter makes the order. */
export function DraftEditor({
  draft,
  count,
  deeds,
  isBusy,
  may,
  onConfirm,
  onDiscard,
}: {
  draft: MessageDraft;
  count: number;
  deeds: MutableRefObject<OpenDeeds | null>;
  isBusy: boolean;
  may: boolean;
  onConfirm: (form: DraftForm) => void;
  onDiscard: () => void;
}) {
  const { t } = useLingui();
  const [form, setForm] = useState(() => formOf(draft));
  const set = (changes: Partial<DraftForm>) => setForm((before) => ({ ...before, ...changes }));
  const box = useRef<HTMLDivElement>(null);
  const lacks = lacking(form);
  const edit = () => {
    const [first] = lacks;
    const found = box.current?.querySelector<HTMLInputElement>(
      `[data-field="${first ?? "name"}"] input`,
    );
    found?.focus();
  };
  const confirm = () => {
    if (lacks.length > 0) edit();
    else onConfirm(form);
  };
  deeds.current = { confirm };
  useCommands({ e: edit });
  const title = draft.label !== "" ? draft.label : t`订单`;
  return (
    <Section
      title={count > 1 ? t`${title}（还有 ${count} 单待确认）` : title}
      aside={
        <Tag tone={draft.confidence >= SURE && lacks.length === 0 ? "green" : "amber"}>
          {t`把握 ${percent(draft.confidence)}`}
        </Tag>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Enter in a field does what the button does */}
      <div
        className="draft-form"
        ref={box}
        onKeyDown={(event) => {
          const input = event.target;
          if (!(input instanceof HTMLInputElement)) return;
          if (event.key === "Escape") {
            event.stopPropagation();
            input.blur();
          }
          if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
          // A choice that stands open takes Enter for itself.
          if (input.getAttribute("aria-expanded") === "true") return;
          event.preventDefault();
          if (!event.repeat) confirm();
        }}
      >
        <Row
          field="name"
          label={t`收件人`}
          sure={draft.name?.confidence}
          value={form.name}
          onChange={(name) => set({ name })}
        />
        <Row
          field="phone"
          label={t`电话`}
          sure={draft.phone?.confidence}
          value={form.phone}
          onChange={(phone) => set({ phone })}
        />
        <Row
          field="address"
          label={t`地址`}
          sure={draft.address?.confidence}
          value={form.address}
          onChange={(address) => set({ address })}
        />
        <LineRows draft={draft} lines={form.lines} onChange={(lines) => set({ lines })} />
        <Row
          field="remark"
          label={t`备注`}
          sure={undefined}
          value={form.remark}
          onChange={(remark) => set({ remark })}
        />
        {form.tags.length > 0 && (
          <div className="draft-tags">
            {form.tags.map((tag) => (
              <Tag key={tag} tone="blue">
                {tag}
              </Tag>
            ))}
          </div>
        )}
      </div>
      {draft.reply !== "" && (
        <div className="draft-reply">
          <p className="draft-words">
            <span className="quiet">
              <Trans>可以这样回：</Trans>
            </span>
            {draft.reply}
          </p>
          <CopyButton text={draft.reply} label={t`复制回复`} />
        </div>
      )}
      {may && (
        <div className="draft-bar">
          <Button type="primary" onClick={confirm} loading={isBusy}>
            <Trans>确认成单</Trans> <kbd className="key">Enter</kbd>
          </Button>
          <Button onClick={onDiscard} disabled={isBusy}>
            <Trans>不是订单</Trans> <kbd className="key">X</kbd>
          </Button>
        </div>
      )}
    </Section>
  );
}

function Row({
  field,
  label,
  value,
  sure,
  onChange,
}: {
  field: string;
  label: string;
  value: string;
  sure: number | undefined;
  onChange: (value: string) => void;
}) {
  const id = useId();
  const { t } = useLingui();
  const input = useRef<InputRef>(null);
  const isUnsure = sure !== undefined && sure < SURE;
  let note: ReactNode = null;
  if (value.trim() === "" && field !== "remark") note = <Tag tone="red">{t`缺`}</Tag>;
  else if (isUnsure) note = <Tag tone="amber">{percent(sure)}</Tag>;
  return (
    <div className="draft-row" data-field={field}>
      <label htmlFor={id}>{label}</label>
      <Input
        id={id}
        ref={input}
        value={value}
        maxLength={400}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
      <span className="draft-note">{note}</span>
    </div>
  );
}
