import "./sku.css";
import { Trans, useLingui } from "@lingui/react/macro";
import type { StockItemDetail } from "@/api/types";
import { Freshness } from "@/kit/Freshness";
import { Section } from "@/kit/Section";
import { SidePanel } from "@/kit/SidePanel";
import { ErrorState, LoadingState } from "@/kit/states";
import { Explained } from "./Explained";
import { Figure } from "./Figure";
import { Holders } from "./Holders";
import { Ledger } from "./Ledger";
import { Photographs } from "./Photographs";
import { StateTag } from "./StateTag";
import { useCounters } from "./useCounters";
import { useSku } from "./useStock";

/** One SKU beside the list: its numbers, what ERP and WMS show, who holds it, why it changed. */
export function SkuPanel({ sku, onClose }: { sku: string; onClose: () => void }) {
  const { t } = useLingui();
  const { data: item, error, refetch } = useSku(sku);
  return (
    <SidePanel
      label={t`商品库存`}
      focusKey={sku}
      onClose={onClose}
      header={
        <>
          <h2 className="sku-title">
            <span className="mono">{sku}</span> {item !== undefined && <StateTag item={item} />}
          </h2>
          <p className="sku-sub quiet">
            {item?.name} {item !== undefined && <Freshness at={item.as_of} />}
          </p>
        </>
      }
    >
      {item === undefined && error !== null && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {item === undefined && error === null && <LoadingState />}
      {item !== undefined && (
        <div className="sku-body" key={sku}>
          <Totals item={item} />
          <Levels item={item} />
          <Explained item={item} />
          <Photographs item={item} />
          <Holders item={item} />
          <Ledger item={item} />
        </div>
      )}
    </SidePanel>
  );
}

function Totals({ item }: { item: StockItemDetail }) {
  const counters = useCounters();
  return (
    <dl className="sku-totals sheet">
      {counters.map(({ key, label, hint }) => (
        <div key={key} title={hint}>
          <dt>{label}</dt>
          <dd>
            <Figure value={item.totals[key]} strong />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Levels({ item }: { item: StockItemDetail }) {
  const { t } = useLingui();
  const counters = useCounters();
  return (
    <Section title={t`各仓`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t`各仓`}>
        <table className="small-table">
          <thead>
            <tr>
              <th scope="col">
                <Trans>仓库</Trans>
              </th>
              {counters.map(({ key, label, hint }) => (
                <th key={key} scope="col" className="number" title={hint}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {item.warehouses.map((level) => (
              <tr key={level.warehouse}>
                <th scope="row">{level.name}</th>
                {counters.map(({ key }) => (
                  <td key={key} className="number">
                    <Figure value={level[key]} strong={key === "atp"} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
