import { Trans } from "@lingui/react/macro";
import type { StockItem } from "@/api/types";
import { Tag } from "@/kit/Tag";
import { shortfallOf, stateOf } from "./search";

/** Says when a SKU is short or sold out; nothing while there is some to sell. */
export function StateTag({ item }: { item: Pick<StockItem, "sellable" | "warehouses"> }) {
  const state = stateOf(item);
  if (state === "in") return null;
  const missing = shortfallOf(item);
  return (
    <Tag tone={state === "short" ? "red" : "amber"}>
      {state === "short" ? <Trans>缺 {missing} 件</Trans> : <Trans>售罄</Trans>}
    </Tag>
  );
}
