import { useLingui } from "@lingui/react/macro";
import { pieces } from "./search";

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
  const isDoubted = (words: string) =>
    contradictions.some((one) => one.stated === words || one.against === words);
  return (
    <span className="marked">
      {pieces(text, evidence).map((piece) =>
        piece.level === "" ? (
          <span key={piece.at}>{piece.text}</span>
        ) : (
          <mark
            key={piece.at}
            className={isDoubted(piece.text) ? "mark is-doubt" : `mark mark-${piece.level}`}
            title={
              isDoubted(piece.text) ? t`与其他依据矛盾` : t`识别为${labels.get(piece.level) ?? ""}`
            }
          >
            {piece.text}
          </mark>
        ),
      )}
    </span>
  );
}
