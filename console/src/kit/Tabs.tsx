import { useLingui } from "@lingui/react/macro";
import { count as written } from "./format";

export interface TabFacts<Key extends string> {
  key: Key;
  label: string;
  count?: number | undefined;
}

/** A list's views with their counts; a count at the cap says "that many or more". */
export function Tabs<Key extends string>({
  tabs,
  value,
  onChange,
  cap,
  label,
}: {
  tabs: readonly TabFacts<Key>[];
  value: Key;
  onChange: (key: Key) => void;
  cap?: number | undefined;
  label: string;
}) {
  const { t } = useLingui();
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) => {
        const isCapped = cap !== undefined && tab.count !== undefined && tab.count >= cap;
        const number = tab.count === undefined ? "" : `${written(tab.count)}${isCapped ? "+" : ""}`;
        return (
          <button
            key={tab.key}
            type="button"
            className={tab.key === value ? "tab is-on" : "tab"}
            aria-current={tab.key === value ? "true" : undefined}
            onClick={() => onChange(tab.key)}
          >
            {tab.label}
            {number !== "" && (
              <span className="tab-count" title={isCapped ? t`至少 ${number}` : undefined}>
                {number}
              </span>
            )}
          </button>
        );
      })}
    </nav>
  );
}
