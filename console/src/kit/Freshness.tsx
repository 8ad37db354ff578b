import { Trans } from "@lingui/react/macro";
import { timeOfDay } from "./format";

/** As of when a panel's numbers hold. */
export function Freshness({ at }: { at: string | number | undefined }) {
  if (at === undefined || at === 0) return null;
  const time = timeOfDay(at);
  return (
    <span className="freshness">
      <Trans>截至 {time}</Trans>
    </span>
  );
}
