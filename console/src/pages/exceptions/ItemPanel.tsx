import { Trans, useLingui } from "@lingui/react/macro";
import { SidePanel } from "@/kit/SidePanel";
import { ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { AlikeCard } from "./AlikeCard";
import { Deadline } from "./Deadline";
import { Deeds } from "./Deeds";
import { Cleared } from "./ItemRow";
import { SubjectLink } from "./SubjectLink";
import { type DeedRunner, useItem } from "./useQueue";

/** One item beside the queue, which stays alive. */
export function ItemPanel({
  itemId,
  deed,
  onResolve,
  onClose,
}: {
  itemId: string;
  deed: DeedRunner;
  onResolve: (itemId: string) => void;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const { data: item, error, refetch } = useItem(itemId);
  const header =
    item === undefined ? (
      <Trans>异常单</Trans>
    ) : (
      <>
        <h2 className="panel-title">{item.title}</h2>
        <div className="panel-facts">
          <Tag tone={item.is_overdue ? "red" : item.state === "resolved" ? "green" : "amber"}>
            {item.state_label}
          </Tag>
          {item.state !== "resolved" && <Deadline at={item.deadline} />}
        </div>
      </>
    );
  return (
    <SidePanel label={t`异常单`} focusKey={itemId} header={header} onClose={onClose}>
      {error !== null && item === undefined && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {error === null && item === undefined && <LoadingState rows={6} />}
      {item !== undefined && (
        <div className="item-panel">
          <dl className="item-story sheet">
            <dt>
              <Trans>发生了什么</Trans>
            </dt>
            <dd>{item.what}</dd>
            {item.why !== item.what && (
              <>
                <dt>
                  <Trans>原因</Trans>
                </dt>
                <dd>{item.why}</dd>
              </>
            )}
            <dt>
              <Trans>下一步</Trans>
            </dt>
            <dd className="item-do">{item.next_step}</dd>
            <dt>
              <Trans>关于</Trans>
            </dt>
            <dd>
              <SubjectLink item={item} />
            </dd>
          </dl>
          <Deeds item={item} deed={deed} onResolve={() => onResolve(item.id)} />
          <AlikeCard key={item.id} item={item} />
          <dl className="item-facts sheet">
            <Fact name={t`负责`}>{item.owner_label}</Fact>
            <Fact name={t`认领人`}>
              {item.assignee_name === "" ? <Trans>还没有人认领</Trans> : item.assignee_name}
            </Fact>
            <Fact name={t`生成`}>
              <Time at={item.created_at} kind="full" />
            </Fact>
            <Fact name={t`截止`}>
              <Time at={item.deadline} kind="full" />
            </Fact>
            {item.state === "resolved" && (
              <Fact name={item.resolution_label}>
                <Cleared item={item} />
              </Fact>
            )}
            <Fact name={t`代码`}>
              <span className="mono">{item.code}</span>
            </Fact>
          </dl>
        </div>
      )}
    </SidePanel>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
