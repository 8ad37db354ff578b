import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { type AuditChange, type AuditFilters, isNarrowed } from "./search";

export interface ActionName {
  code: string;
  label: string;
}

export function AuditFilterBar({
  filters,
  change,
  actions,
}: {
  filters: AuditFilters;
  change: AuditChange;
  actions: readonly ActionName[];
}) {
  const { t } = useLingui();
  return (
    <div className="page-head audit-filters">
      <Words
        label={t`谁`}
        value={filters.actor ?? ""}
        onFind={(actor) => change({ actor }, "replace")}
      />
      <Select
        className="audit-action"
        aria-label={t`做了什么`}
        placeholder={t`做了什么`}
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        value={filters.action ?? null}
        onChange={(action: string | null | undefined) => change({ action: action ?? "" })}
        options={actions.map((one) => ({ value: one.code, label: one.label }))}
      />
      <Words
        label={t`对象编号`}
        value={filters.object ?? ""}
        onFind={(object) => change({ object }, "replace")}
      />
      <span className="audit-days">
        <Input
          type="date"
          aria-label={t`从哪天起`}
          value={filters.from ?? ""}
          max={filters.until}
          onChange={(event) => change({ from: event.target.value }, "replace")}
        />
        <span className="quiet">–</span>
        <Input
          type="date"
          aria-label={t`到哪天止`}
          value={filters.until ?? ""}
          min={filters.from}
          onChange={(event) => change({ until: event.target.value }, "replace")}
        />
      </span>
      {isNarrowed(filters) && (
        <Button
          type="link"
          onClick={() => change({ actor: "", action: "", object: "", from: "", until: "" })}
        >
          <Trans>清除筛选</Trans>
        </Button>
      )}
    </div>
  );
}

/** Asks on Enter or on leaving the field, and follows the URL. */
function Words({
  label,
  value,
  onFind,
}: {
  label: string;
  value: string;
  onFind: (words: string) => void;
}) {
  const [words, setWords] = useState(value);
  useEffect(() => setWords(value), [value]);
  const find = () => {
    if (words.trim() !== value) onFind(words.trim());
  };
  return (
    <Input
      className="audit-words"
      aria-label={label}
      placeholder={label}
      value={words}
      allowClear
      onChange={(event) => {
        setWords(event.target.value);
        if (event.target.value === "" && value !== "") onFind("");
      }}
      onPressEnter={find}
      onBlur={find}
    />
  );
}
