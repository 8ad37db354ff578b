import type { ReactNode } from "react";

/** A titled sheet of a detail page. */
export function Section({
  title,
  aside,
  children,
  tone,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  tone?: "red";
}) {
  return (
    <section className={tone === undefined ? "section sheet" : `section sheet is-${tone}`}>
      <div className="section-head">
        <h3>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}
