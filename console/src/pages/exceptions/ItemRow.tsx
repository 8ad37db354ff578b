import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import type { WorkItem } from "@/api/types";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFlash } from "@/kit/useFlash";
import { Deadline } from "./Deadline";
import { Deeds } from "./Deeds";
import { SubjectLink } from "./SubjectLink";
import type { DeedRunner } from "./useQueue";

/** One item: what happened, why, what to do next, by when, and the deeds. */
export function ItemRow({
  item,
  isCursor,
  isOpen,
  deed,
  onOpen,
  onResolve,
}: {
  item: WorkItem;
  isCursor: boolean;
  isOpen: boolean;
  deed: DeedRunner;
  onOpen: () => void;
  onResolve: () => void;
}) {
  const { t } = useLingui();
  const isFlashing = useFlash(`${item.state} ${item.assignee}`);
  const box = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isCursor) box.current?.scrollIntoView({ block: "nearest" });
  }, [isCursor]);
  const isCleared = item.state === "resolved";
  const classes = [
    "item",
    isCursor ? "is-cursor" : "",
    isOpen ? "is-open" : "",
    isFlashing ? "flash" : "",
  ];
  return (
    <li className={classes.filter(Boolean).join(" ")} ref={box}>
      <div className="item-head">
        <Tag tone={item.is_overdue ? "red" : isCleared ? "grey" : "amber"}>{item.kind_label}</Tag>
        <SubjectLink item={item} />
        <span className="item-meta quiet">
          {item.owner_label}
          {item.assignee_name !== "" && ` · ${item.assignee_name}`} · <Time at={item.created_at} />
        </span>
        {!isCleared && <Deadline at={item.deadline} />}
        {isCleared && <Tag tone="green">{item.resolution_label}</Tag>}
      </div>
      <button
        type="button"
        className="reset-button item-why"
        aria-label={`${t`打开异常单：${item.title}`} ${item.why}`}
        onClick={onOpen}
      >
        {item.why}
      </button>
      <div className="item-foot">
        <p className="item-next">
          {isCleared ? (
            <Cleared item={item} />
          ) : (
            <>
              <span className="item-next-label">
                <Trans>下一步</Trans>
              </span>
              {item.next_step}
            </>
          )}
        </p>
        <Deeds item={item} deed={deed} onResolve={onResolve} />
      </div>
    </li>
  );
}

export function Cleared({ item }: { item: WorkItem }) {
  return (
    <>
      <span className="item-next-label">
        {item.resolved_by_name === "" ? <Trans>系统</Trans> : item.resolved_by_name}
      </span>
      {item.resolved_at !== null && <Time at={item.resolved_at} />}
      {item.note !== "" && <span className="item-note">“{item.note}”</span>}
    </>
  );
}
