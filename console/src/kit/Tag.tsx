import type { ReactNode } from "react";

export type Tone = "green" | "blue" | "amber" | "red" | "jade" | "grey";

/** A word with a colour; the word alone always says it, too. */
export function Tag({
  tone,
  children,
  title,
}: {
  tone: Tone;
  children: ReactNode;
  title?: string;
}) {
  return (
    <span className={`tag tag-${tone}`} title={title}>
      {children}
    </span>
  );
}
