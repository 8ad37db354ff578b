import "./alike.css";
import { RedoOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { App, Button } from "antd";
import type { WorkItem } from "@/api/types";
import { useMay } from "@/kit/session";
import { BulkProgress } from "./BulkProgress";
import { ListingFix } from "./ListingFix";
import { useAlike, useBulk } from "./useBulk";

const SHOWN = 5;

/** The items with the same cause, and the fix that clears them all. */
export function AlikeCard({ item }: { item: WorkItem }) {
  const { t } = useLingui();
  const { modal } = App.useApp();
  const mayClear = useMay("exceptions.resolve");
  const isStanding = item.state !== "resolved";
  const alike = useAlike(item.id, isStanding);
  const bulk = useBulk();
  const ids = alike.data?.ids ?? [];
  const others = ids.length - 1;
  const listings = item.unknown_listings;
  const isFixable = isStanding && listings !== null;
  if (!mayClear || (others < 1 && !isFixable && bulk.state === undefined)) return null;
  const retryAll = () =>
    void modal.confirm({
      title: t`重试同样原因的 ${ids.length} 张异常单？`,
      content: t`一张一张地重试，一张不成功不影响别的；成功的会自己关闭。`,
      okText: t`全部重试`,
      cancelText: t`返回`,
      onOk: () => void bulk.run(ids, { action: "retry" }),
    });
  return (
    <section className="alike sheet" aria-label={t`同样原因的异常单`}>
      {others > 0 && (
        <>
          <p className="alike-words">
            <Trans>还有 {others} 张异常单是同样的原因：</Trans>{" "}
            <span className="quiet">
              {(alike.data?.labels ?? []).slice(0, SHOWN).join("、")}
              {ids.length > SHOWN && "…"}
            </span>
          </p>
          {item.actions.includes("retry") && listings === null && (
            <Button
              icon={<RedoOutlined aria-hidden />}
              disabled={bulk.state?.isRunning ?? false}
              onClick={retryAll}
            >
              <Trans>全部重试（{ids.length} 张）</Trans>
            </Button>
          )}
        </>
      )}
      {isFixable && <ListingFix itemId={item.id} listings={listings} bulk={bulk} />}
      {bulk.state !== undefined && <BulkProgress state={bulk.state} onStop={bulk.stop} />}
    </section>
  );
}
