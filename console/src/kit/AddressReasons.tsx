import { CheckOutlined, WarningOutlined } from "@ant-design/icons";
import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

/** Why an address was read as it was, and what speaks against it; doubts come first. */
export function AddressReasons({
  doubts,
  evidence,
  children,
}: {
  doubts: readonly string[];
  evidence: readonly string[];
  children?: ReactNode;
}) {
  const { t } = useLingui();
  return (
    <ul className="address-reasons" aria-label={t`识别依据`}>
      {doubts.map((words) => (
        <li key={words} className="is-doubt">
          <WarningOutlined aria-hidden /> {words}
        </li>
      ))}
      {[...new Set(evidence)].map((words) => (
        <li key={words} className="quiet">
          <CheckOutlined aria-hidden /> {words}
        </li>
      ))}
      {children}
    </ul>
  );
}

/** What is in doubt about an address: what contradicts itself, else the doubt as such. */
export function doubtsOf(contradictions: readonly string[], doubtLabel: string): readonly string[] {
  if (contradictions.length > 0) return contradictions;
  return doubtLabel === "" ? [] : [doubtLabel];
}
