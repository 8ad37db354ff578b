import { useLingui } from "@lingui/react/macro";
import type { StockSort } from "@/api/types";

export type Counter =
  | "atp"
  | "on_hand"
  | "reserved"
  | "allocated"
  | "elsewhere"
  | "in_flight"
  | "safety";

export interface CounterFacts {
  key: Counter;
  label: string;
  hint: string;
  sorts?: readonly StockSort[];
}

/** The counters in the order in which people ask for them, each with what it means. */
export function useCounters(): CounterFacts[] {
  const { t } = useLingui();
  return [
    {
      key: "atp",
      label: t`可售`,
      hint: t`在库 − 占用 − 预占 − 外部占用 − 安全库存`,
      sorts: ["atp", "-atp"],
    },
    {
      key: "on_hand",
      label: t`在库`,
      hint: t`仓库里数得到的件数，以最近的库存快照为准`,
      sorts: ["-on_hand", "on_hand"],
    },
    { key: "reserved", label: t`预占`, hint: t`有时限的占用，到期自动释放`, sorts: ["-reserved"] },
    { key: "allocated", label: t`占用`, hint: t`仓库或 ERP 已确认，没有时限` },
    { key: "elsewhere", label: t`外部占用`, hint: t`ERP 或仓库为其他单据占着的件数` },
    {
      key: "in_flight",
      label: t`在途占用`,
      hint: t`ERP 最近一次快照里还没有算进去的占用`,
      sorts: ["-in_flight"],
    },
    { key: "safety", label: t`安全库存`, hint: t`永远不卖的缓冲` },
  ];
}
