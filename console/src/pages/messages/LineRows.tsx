import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, InputNumber } from "antd";
import type { MessageDraft } from "@/api/types";
import { SkuChoice } from "@/kit/SkuChoice";
import type { LineForm } from "./search";

const MOST_UNITS = 9999;

/** The goods of a draft, each with its units; what is not settled is found by code or name. */
export function LineRows({
  draft,
  lines,
  onChange,
}: {
  draft: MessageDraft;
  lines: readonly LineForm[];
  onChange: (lines: LineForm[]) => void;
}) {
  const { t } = useLingui();
  const change = (id: number, changes: Partial<LineForm>) =>
    onChange(lines.map((line) => (line.id === id ? { ...line, ...changes } : line)));
  const next = Math.max(-1, ...lines.map((line) => line.id)) + 1;
  return (
    <div className="draft-lines" data-field="lines">
      {lines.map((line, at) => {
        const read = draft.lines[line.id];
        const said = read?.sku == null && read !== undefined ? read.goods.value : "";
        return (
          <div className="draft-line" key={line.id}>
            <SkuChoice
              label={t`商品 ${at + 1}`}
              value={line.sku}
              hint={said}
              name={read?.sku?.value === line.sku ? read.sku_name : ""}
              onChange={(sku) => change(line.id, { sku })}
            />
            <InputNumber
              aria-label={t`数量 ${at + 1}`}
              min={0}
              max={MOST_UNITS}
              precision={0}
              value={line.quantity}
              onChange={(value) => change(line.id, { quantity: value ?? 0 })}
            />
            <Button
              type="text"
              size="small"
              aria-label={t`去掉商品 ${at + 1}`}
              icon={<DeleteOutlined aria-hidden />}
              disabled={lines.length === 1}
              onClick={() => onChange(lines.filter((one) => one.id !== line.id))}
            />
          </div>
        );
      })}
      <Button
        size="small"
        type="dashed"
        icon={<PlusOutlined aria-hidden />}
        onClick={() => onChange([...lines, { id: next, sku: "", quantity: 1 }])}
      >
        <Trans>加一种商品</Trans>
      </Button>
    </div>
  );
}
