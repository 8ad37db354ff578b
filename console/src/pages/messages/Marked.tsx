import { useLingui } from "@lingui/react/macro";
import { type Field, pieces } from "./search";

/** A message with what was read from it marked, field by field. */
export function Marked({
  text,
  spans,
}: {
  text: string;
  spans: readonly { field: Field; start: number; end: number }[];
}) {
  const { t } = useLingui();
  const labels: Record<Field, string> = {
    name: t`收件人`,
    phone: t`电话`,
    address: t`地址`,
    goods: t`商品`,
    quantity: t`数量`,
    tag: t`标签`,
    remark: t`备注`,
  };
  return (
    <p className="message-text">
      {pieces(text, spans).map((piece) =>
        piece.field === "" ? (
          <span key={piece.at}>{piece.text}</span>
        ) : (
          <mark
            key={piece.at}
            className={`field field-${piece.field}`}
            title={t`识别为${labels[piece.field]}`}
          >
            {piece.text}
          </mark>
        ),
      )}
    </p>
  );
}
