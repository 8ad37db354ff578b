import { Trans } from "@lingui/react/macro";
import { Button, Progress } from "antd";
import type { BulkState } from "./useBulk";

/** How far a deed for many items is, and which of them were refused and why. */
export function BulkProgress({ state, onStop }: { state: BulkState; onStop: () => void }) {
  const { total, tried, refused, isRunning } = state;
  const done = tried - refused.length;
  return (
    <div className="bulk-progress" role="status">
      <Progress
        percent={Math.round((100 * tried) / Math.max(1, total))}
        status={isRunning ? "active" : refused.length > 0 ? "exception" : "success"}
        size="small"
        showInfo={false}
        aria-hidden
      />
      <p className="bulk-words">
        {isRunning ? (
          <Trans>
            已做 {tried} / {total} 张
          </Trans>
        ) : (
          <Trans>
            {done} 张已开始，{refused.length} 张没有成功，{total - tried} 张没有做
          </Trans>
        )}
        {isRunning && (
          <Button size="small" onClick={onStop}>
            <Trans>停下</Trans>
          </Button>
        )}
      </p>
      {refused.length > 0 && (
        <ul className="bulk-refused">
          {reasonsOf(state).map(([message, count]) => (
            <li key={message}>
              {message} <span className="quiet">×{count}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The reasons of the refusals in words, each once, the most frequent first. */
export function reasonsOf({ refused }: Pick<BulkState, "refused">): [string, number][] {
  const counts = new Map<string, number>();
  for (const one of refused) {
    const words = one.error?.message ?? one.id;
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].sort(([, left], [, right]) => right - left);
}
