import { useLingui } from "@lingui/react/macro";
import { useLiveState } from "@/live/LiveProvider";

/** Whether what is shown renews itself. */
export function LiveBadge() {
  const state = useLiveState();
  const { t } = useLingui();
  const words = { live: t`实时`, connecting: t`连接中`, lost: t`已断开，重连中` }[state];
  return (
    <span className={`live is-${state}`} role="status">
      <span className="live-dot" aria-hidden="true" />
      {words}
    </span>
  );
}
