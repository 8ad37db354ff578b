import "./sandboxes.css";
import { Trans } from "@lingui/react/macro";
import { ErrorState, LoadingState } from "@/kit/states";
import { SandboxCard } from "./SandboxCard";
import { isNotInUse, useSandboxes } from "./useConnectors";

/** The stand-ins for outside systems, with faults to set; a calm word where there are none. */
export function Sandboxes() {
  const sandboxes = useSandboxes();
  const items = sandboxes.data?.items ?? [];
  const scale = sandboxes.data?.clock_scale ?? 1;
  return (
    <section className="sandboxes" aria-labelledby="sandboxes">
      <div className="page-head">
        <h2 className="page-title" id="sandboxes">
          <Trans>沙箱</Trans>
        </h2>
        <span className="quiet desk-only">
          <Trans>外部系统的替身：在这里让它出错，看订单怎么走下去</Trans>
        </span>
        <span className="top-space" />
        {scale !== 1 && (
          <span className="quiet">
            <Trans>替身的时钟快 {scale} 倍</Trans>
          </span>
        )}
      </div>
      {sandboxes.isPending && <LoadingState rows={4} />}
      {isNotInUse(sandboxes.error) ? (
        <p className="sandboxes-none sheet">
          <Trans>连的都是正式系统，没有沙箱。要练习或演示，请用演示模式启动。</Trans>
        </p>
      ) : (
        sandboxes.error !== null &&
        items.length === 0 && (
          <ErrorState error={sandboxes.error} onRetry={() => void sandboxes.refetch()} />
        )
      )}
      <ul className="sandbox-list">
        {items.map((item) => (
          <SandboxCard key={item.name} sandbox={item} />
        ))}
      </ul>
    </section>
  );
}
