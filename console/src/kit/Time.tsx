import { useLingui } from "@lingui/react/macro";
import { useNow } from "./clock";
import { fullTime, shortTime } from "./format";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A moment: relative within the last hour, else short; the full one on hover. Shanghai's time. */
export function Time({ at, kind = "relative" }: { at: string; kind?: "relative" | "full" }) {
  const now = useNow(15);
  const { t } = useLingui();
  const ago = now - Date.parse(at);
  let words = kind === "full" ? fullTime(at) : shortTime(at, now);
  if (kind === "relative" && ago > -MINUTE && ago < HOUR) {
    const minutes = Math.floor(ago / MINUTE);
    words = minutes < 1 ? t`刚刚` : t`${minutes} 分钟前`;
  }
  return (
    <time dateTime={at} title={fullTime(at)}>
      {words}
    </time>
  );
}
