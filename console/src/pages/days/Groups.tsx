/** Which groups were told of the day, when, and what kept the others from it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Popconfirm } from "antd";
import type { RobotNotice } from "@/api/types";
import { Section } from "@/kit/Section";
import { useMay } from "@/kit/session";
import { Tag, type Tone } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useNotices, useTellAgain } from "./useNotices";

const TONES: Record<RobotNotice["state"], Tone> = {
  waiting: "amber",
  sending: "blue",
  told: "green",
  failed: "red",
};

/** Nothing is shown where the day was told to no group: most houses have no robot. */
export function Groups({ day }: { day: string }) {
  const { t } = useLingui();
  const items = useNotices(day).data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={t`发到群里`}>
      <ul className="group-list">
        {items.map((one) => (
          <Group key={`${one.edition} ${one.robot}`} one={one} day={day} />
        ))}
      </ul>
    </Section>
  );
}

function Group({ one, day }: { one: RobotNotice; day: string }) {
  return (
    <li className="group-row">
      <strong>{one.label}</strong>
      {one.edition > 1 && (
        <Tag tone="grey">
          <Trans>第 {one.edition} 版</Trans>
        </Tag>
      )}
      <Tag tone={TONES[one.state]}>{one.state_label}</Tag>
      {one.told_at !== null && (
        <span className="quiet">
          <Time at={one.told_at} kind="full" />
        </span>
      )}
      {one.is_repeat && (
        <span className="quiet">
          <Trans>群里可能看到两次</Trans>
        </span>
      )}
      {one.error_label !== "" && <span className="group-error">{one.error_label}</span>}
      {one.state === "waiting" && one.next_at !== null && one.tries > 0 && (
        <span className="quiet">
          <Trans>
            已试 {one.tries} 次，
            <Time at={one.next_at} kind="full" /> 再试
          </Trans>
        </span>
      )}
      <Again one={one} day={day} />
    </li>
  );
}

function Again({ one, day }: { one: RobotNotice; day: string }) {
  const { t } = useLingui();
  const may = useMay("payments.reconcile");
  const again = useTellAgain(day);
  if (!may) return null;
  const isSeen = one.told_at !== null || one.is_repeat;
  return (
    <Popconfirm
      title={t`再发一次`}
      description={
        isSeen ? t`群里可能已经看到过，这次会标明“再次发送”。` : t`把这一天的日报再发到这个群。`
      }
      okText={t`发送`}
      cancelText={t`取消`}
      onConfirm={() => again.mutate(one)}
    >
      <Button size="small" loading={again.isPending} aria-label={t`给 ${one.label} 再发一次`}>
        <Trans>再发一次</Trans>
      </Button>
    </Popconfirm>
  );
}
