import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Select } from "antd";
import type { ImportDetail } from "@/api/types";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";
import { useFeedback } from "@/kit/useFeedback";
import { useMapColumns } from "./useImports";

/** Below this a guess is worth a second look. */
const SURE = 0.7;

/** What each column means, with three values of it; a change is checked at once. */
export function Columns({ detail }: { detail: ImportDetail }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const map = useMapColumns(detail.facts.id);
  const meant = new Map(Object.entries(detail.mapping).map(([field, column]) => [column, field]));
  const options = [
    { value: "", label: t`不导入` },
    ...detail.fields.map((field) => ({ value: field.code as string, label: field.label })),
  ];
  const change = (column: number, field: string) => {
    const kept = Object.entries(detail.mapping).filter(
      ([name, at]) => at !== column && name !== field,
    );
    if (field !== "") kept.push([field, column]);
    map.mutate(Object.fromEntries(kept), { onError: feedback.failed });
  };
  const missing = detail.missing.join("、");
  return (
    <Section
      title={t`列的对应`}
      aside={
        detail.is_remembered && (
          <Tag tone="blue">
            <Trans>沿用上次同样表头的对应</Trans>
          </Tag>
        )
      }
    >
      {detail.missing.length > 0 && (
        <Alert type="warning" showIcon title={<Trans>还缺必填的列：{missing}</Trans>} />
      )}
      <ul className="import-columns">
        {detail.columns.map((one) => (
          <li key={one.column}>
            <div className="import-heading">
              <strong>{one.heading || t`（无表头）`}</strong>
              {!detail.is_remembered && one.meaning !== null && one.confidence < SURE && (
                <Tag tone="amber">
                  <Trans>请确认</Trans>
                </Tag>
              )}
            </div>
            <Select
              aria-label={t`${one.heading} 对应`}
              value={meant.get(one.column) ?? ""}
              options={options}
              disabled={map.isPending}
              onChange={(field) => change(one.column, field)}
            />
            <div className="import-samples quiet">{one.samples.join(" · ") || t`（空列）`}</div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
