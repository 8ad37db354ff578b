import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Input, Select } from "antd";
import { useEffect, useState } from "react";
import type { Role } from "@/api/types";
import { count as written } from "@/kit/format";
import type { Bucket, QueueFilters as Filters, QueueChange } from "./search";
import { ROLES } from "./search";

export function useRoleLabels(): Record<Role, string> {
  const { t } = useLingui();
  return {
    operations: t`运营`,
    customer_service: t`客服`,
    store_manager: t`店长`,
    it_admin: t`IT 管理员`,
  };
}

export function QueueFilters({ filters, change }: { filters: Filters; change: QueueChange }) {
  const { t } = useLingui();
  const labels = useRoleLabels();
  const [words, setWords] = useState(filters.q ?? "");
  useEffect(() => setWords(filters.q ?? ""), [filters.q]);
  return (
    <>
      <Input.Search
        className="queue-find"
        value={words}
        allowClear
        placeholder={t`订单号 / 商品编码`}
        aria-label={t`在异常队列中查找`}
        onChange={(event) => {
          setWords(event.target.value);
          if (event.target.value === "") change({ q: "" }, "replace");
        }}
        onSearch={(found) => change({ q: found.trim(), open: "" }, "replace")}
      />
      <Select
        className="queue-owner"
        aria-label={t`负责的角色`}
        allowClear
        placeholder={t`全部角色`}
        value={filters.owner ?? null}
        onChange={(owner: string | null | undefined) => change({ owner: owner ?? "", open: "" })}
        options={ROLES.map((role) => ({ value: role as string, label: labels[role] }))}
      />
    </>
  );
}

/** What kinds there are, and how many of each: a column on a desk, a strip on a phone. */
export function Buckets({
  buckets,
  total,
  chosen,
  onChoose,
}: {
  buckets: readonly Bucket[];
  total: number;
  chosen: string | undefined;
  onChoose: (kind: string) => void;
}) {
  const { t } = useLingui();
  return (
    <nav className="buckets" aria-label={t`按原因看`}>
      <BucketButton
        label={t`全部原因`}
        count={total}
        isOn={chosen === undefined}
        onChoose={() => onChoose("")}
      />
      {buckets.map((bucket) => (
        <BucketButton
          key={bucket.kind}
          label={bucket.label}
          count={bucket.count}
          isOn={bucket.kind === chosen}
          onChoose={() => onChoose(bucket.kind === chosen ? "" : bucket.kind)}
        />
      ))}
    </nav>
  );
}

function BucketButton(props: {
  label: string;
  count: number;
  isOn: boolean;
  onChoose: () => void;
}) {
  return (
    <button
      type="button"
      className={props.isOn ? "bucket is-on" : "bucket"}
      aria-current={props.isOn ? "true" : undefined}
      onClick={props.onChoose}
    >
      <span className="one-line">{props.label}</span>
      <span className="bucket-count">{written(props.count)}</span>
    </button>
  );
}

export function ClearFilters({ change }: { change: QueueChange }) {
  return (
    <Button onClick={() => change({ q: "", owner: "", kind: "", open: "" })}>
      <Trans>清除筛选</Trans>
    </Button>
  );
}
