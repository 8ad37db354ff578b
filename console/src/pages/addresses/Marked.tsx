import { useLingui } from "@lingui/react/macro";
import { pieces } from "./search";

/** A text with what was read from it marked, level by level. */
export function Marked({
  text,
  evidence,
}: {
  text: string;
  evidence: readonly {
    level: string;
    level_label: string;
    start: number | null;
    end: number | null;
  }[];
}) {
  const { t } = useLingui();
  const labels = new Map(evidence.map((one) => [one.level, one.level_label]));
  return (
    <span className="marked">
      {pieces(text, evidence).map((piece) =>
        piece.level === "" ? (
          <span key={piece.at}>{piece.text}</span>
        ) : (
          <mark
            key={piece.at}
            className={`mark mark-${piece.level}`}
            title={t`识别为${labels.get(piece.level) ?? ""}`}
          >
            {piece.text}
          </mark>
        ),
      )}
    </span>
  );
}

/** Why each level was read as it was, and what speaks against it. */
export function Reasons({
  doubts,
  evidence,
}: {
  doubts: readonly string[];
  evidence: readonly { words: string }[];
}) {
  const { t } = useLingui();
  return (
    <ul className="address-reasons" aria-label={t`识别依据`}>
      {doubts.map((words) => (
        <li key={words} className="is-doubt">
          {words}
        </li>
      ))}
      {evidence.map((one) => (
        <li key={one.words} className="quiet">
          {one.words}
        </li>
      ))}
    </ul>
  );
}
