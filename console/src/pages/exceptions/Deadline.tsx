import { useLingui } from "@lingui/react/macro";
import { useNow } from "@/kit/clock";
import { fullTime } from "@/kit/format";
import { pressureOf, spanOf } from "./span";

/** What is left until the deadline, or how long it has been past. */
export function Deadline({ at }: { at: string }) {
  const { t } = useLingui();
  const left = Date.parse(at) - useNow(10);
  const { days, hours, minutes } = spanOf(left);
  let span = t`${minutes} 分`;
  if (days > 0) span = t`${days} 天 ${hours} 小时`;
  else if (hours > 0) span = t`${hours} 小时 ${minutes} 分`;
  const moment = fullTime(at);
  return (
    <time dateTime={at} title={t`截止 ${moment}`} className={`deadline is-${pressureOf(left)}`}>
      {left <= 0 ? t`超时 ${span}` : t`剩 ${span}`}
    </time>
  );
}
