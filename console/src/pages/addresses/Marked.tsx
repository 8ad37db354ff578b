import { useLingui } from "@lingui/react/macro";
import { doubted, pieces } from "./search";

/** A text with what was read from it marked, level by level; what is in doubt stands out. */
export function Marked({
  text,
  evidence,
  contradictions = [],
}: {
  text: string;
  evidence: readonly {
    level: string;
    level_label: string;
    start: number | null;
    end: number | null;
  }[];
  contradictions?: readonly { stated: string; against: string }[];
}) {
  const { t } = useLingui();
  const labels = new Map(evidence.map((one) => [one.level, one.level_label]));
  const spans = [...doubted(text, contradictions), ...evidence];
  return (
    <span className="marked">
      {pieces(text, spans).map((piece) =>
        piece.level === "" ? (
          <span key={piece.at}>{piece.text}</span>
        ) : (
          <mark
            key={piece.at}
            className={`mark mark-${piece.level}`}
            title={
              piece.level === "doubt"
                ? t`与其他依据矛盾`
                : t`识别为${labels.get(piece.level) ?? ""}`
            }
          >
            {piece.text}
          </mark>
        ),
      )}
    </span>
  );
}
