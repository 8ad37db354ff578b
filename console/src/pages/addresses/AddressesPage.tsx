/** Addresses: the doubtful ones to decide, any text to try, what was taught, how well it goes. */
import "./accuracy.css";
import "./addresses.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useFilters } from "@/kit/search";
import { Tabs } from "@/kit/Tabs";
import { Accuracy } from "./Accuracy";
import { Aliases } from "./Aliases";
import { Correction } from "./Correction";
import { Queue } from "./Queue";
import { type AddressFilter, type AddressTab, after, TABS, tabOf } from "./search";
import { Try } from "./Try";
import { useDoubtful } from "./useAddresses";

export function AddressesPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<AddressFilter>();
  const tab = tabOf(filters.tab);
  const queue = useDoubtful(true);
  const labels: Record<AddressTab, string> = {
    queue: t`待确认`,
    try: t`试一试`,
    aliases: t`别名`,
    accuracy: t`准确率`,
  };
  const open = filters.open;
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="visually-hidden">
          <Trans>地址</Trans>
        </h1>
        <Tabs<AddressTab>
          label={t`地址的各页`}
          value={tab}
          tabs={TABS.map((key) => ({
            key,
            label: labels[key],
            count: key === "queue" ? queue.first?.total : undefined,
          }))}
          onChange={(next) => change({ tab: next === "queue" ? "" : next, open: "" })}
        />
        <span className="top-space" />
        {tab === "queue" && (
          <span className="quiet desk-only key-help">
            <kbd className="key">J</kbd> <kbd className="key">K</kbd> <Trans>移动</Trans>{" "}
            <kbd className="key">Enter</kbd> <Trans>打开</Trans>{" "}
            <kbd className="key">Ctrl Enter</kbd> <Trans>保存</Trans>
          </span>
        )}
      </div>
      {tab === "queue" && (
        <Queue queue={queue} open={open} onOpen={(next, how) => change({ open: next }, how)} />
      )}
      {tab === "try" && <Try />}
      {tab === "aliases" && <Aliases />}
      {tab === "accuracy" && <Accuracy />}
      {open !== undefined && (
        <Correction
          key={open}
          orderId={open}
          onClose={() => change({ open: "" }, "replace")}
          onDecided={(settled) => {
            const next = after(
              queue.rows.map((row) => row.order_id),
              open,
              settled,
            );
            change({ open: next ?? "" }, "replace");
          }}
        />
      )}
    </div>
  );
}
