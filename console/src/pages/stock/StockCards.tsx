import { useLingui } from "@lingui/react/macro";
import type { StockItem } from "@/api/types";
import { Figure } from "./Figure";
import { StateTag } from "./StateTag";
import { useCounters } from "./useCounters";

/** The list on a phone: a card per SKU, which opens it. */
export function StockCards({
  items,
  onOpen,
}: {
  items: readonly StockItem[];
  onOpen: (sku: string) => void;
}) {
  const { t } = useLingui();
  const counters = useCounters();
  return (
    <ul className="cards" aria-label={t`库存列表`}>
      {items.map((item) => (
        <li key={item.sku} className="card sheet">
          <button
            type="button"
            className="reset-button stock-card"
            onClick={() => onOpen(item.sku)}
          >
            <span className="stock-card-head">
              <span className="mono sku-code">{item.sku}</span>
              <StateTag item={item} />
            </span>
            <span className="quiet one-line">{item.name}</span>
            <span className="stock-card-figures">
              {counters.slice(0, 5).map(({ key, label }) => (
                <span key={key}>
                  <span className="quiet">{label}</span>
                  <Figure value={item.totals[key]} strong={key === "atp"} />
                </span>
              ))}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
