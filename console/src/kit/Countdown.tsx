import { Trans, useLingui } from "@lingui/react/macro";
import { useNow } from "./clock";
import { countdown, fullTime } from "./format";

const HURRY_MS = 5 * 60_000;
const WHOLE_MS = 15 * 60_000;

export type Urgency = "calm" | "hurry" | "over";

export function urgency(left: number): Urgency {
  if (left <= 0) return "over";
  return left < HURRY_MS ? "hurry" : "calm";
}

/** What is left until a moment, counting by itself. */
export function Countdown({ until }: { until: string }) {
  const now = useNow();
  const { t } = useLingui();
  const left = Date.parse(until) - now;
  const moment = fullTime(until);
  return (
    <time dateTime={until} title={t`到 ${moment}`} className={`countdown is-${urgency(left)}`}>
      {left <= 0 ? <Trans>已到期</Trans> : countdown(left)}
    </time>
  );
}

/** The same as a bar of the usual 15 minutes; a longer claim starts full. */
export function TtlBar({ until }: { until: string }) {
  const now = useNow();
  const left = Math.max(0, Date.parse(until) - now);
  const share = Math.min(1, left / WHOLE_MS);
  return (
    <span className="ttl" aria-hidden="true">
      <span
        className={`ttl-left is-${urgency(left)}`}
        style={{ width: `${(share * 100).toFixed(1)}%` }}
      />
    </span>
  );
}
