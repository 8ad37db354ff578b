import { CaretDownOutlined, CaretRightOutlined, CaretUpOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import type { StockItem } from "@/api/types";
import { nextSort } from "@/kit/RowHead";
import { Time } from "@/kit/Time";
import { Figure } from "./Figure";
import { StateTag } from "./StateTag";
import { type CounterFacts, useCounters } from "./useCounters";

export interface StockTableProps {
  items: readonly StockItem[];
  cursor: string | undefined;
  open: string | undefined;
  sort: string;
  expanded: ReadonlySet<string>;
  onToggle: (sku: string) => void;
  onOpen: (sku: string) => void;
  onSort: (sort: string) => void;
}

/** SKUs with their totals; each opens into its warehouses. */
export function StockTable(props: StockTableProps) {
  const { t } = useLingui();
  const counters = useCounters();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className="stock-scroll sheet" tabIndex={0} role="region" aria-label={t`库存列表`}>
      <table className="stock-table">
        <thead>
          <tr>
            <th scope="col" className="stock-toggle">
              <span className="visually-hidden">
                <Trans>展开</Trans>
              </span>
            </th>
            <th scope="col">
              <SortButton
                counter={{ label: t`商品编码`, hint: "", sorts: ["sku"] }}
                sort={props.sort}
                onSort={props.onSort}
              />
            </th>
            <th scope="col">
              <Trans>名称</Trans>
            </th>
            {counters.map((counter) => (
              <th
                key={counter.key}
                scope="col"
                className="number"
                title={counter.hint}
                aria-sort={sortedBy(counter.sorts, props.sort)}
              >
                <SortButton counter={counter} sort={props.sort} onSort={props.onSort} />
              </th>
            ))}
          </tr>
        </thead>
        {props.items.map((item) => (
          <SkuRows key={item.sku} item={item} table={props} counters={counters} />
        ))}
      </table>
    </div>
  );
}

function SkuRows({
  item,
  table,
  counters,
}: {
  item: StockItem;
  table: StockTableProps;
  counters: readonly CounterFacts[];
}) {
  const { t } = useLingui();
  const isExpanded = table.expanded.has(item.sku);
  const classes = [
    "sku-row",
    item.sku === table.cursor ? "is-cursor" : "",
    item.sku === table.open ? "is-open" : "",
  ];
  return (
    <tbody>
      <tr
        className={classes.filter(Boolean).join(" ")}
        onClick={(event) => {
          if ((event.target as HTMLElement).closest("button") === null) table.onOpen(item.sku);
        }}
      >
        <td className="stock-toggle">
          <button
            type="button"
            className="reset-button toggle"
            aria-expanded={isExpanded}
            aria-label={t`${item.sku} 的各仓库存`}
            onClick={() => table.onToggle(item.sku)}
          >
            {isExpanded ? <CaretDownOutlined aria-hidden /> : <CaretRightOutlined aria-hidden />}
          </button>
        </td>
        <th scope="row">
          <button
            type="button"
            className="reset-button mono sku-code"
            onClick={() => table.onOpen(item.sku)}
          >
            {item.sku}
          </button>
        </th>
        <td className="sku-name" title={item.name}>
          {item.name === "" ? <Trans>商品资料里没有</Trans> : item.name} <StateTag item={item} />
        </td>
        {counters.map(({ key }) => (
          <td key={key} className="number">
            <Figure value={item.totals[key]} strong={key === "atp"} />
          </td>
        ))}
      </tr>
      {isExpanded &&
        item.warehouses.map((level) => (
          <tr key={level.warehouse} className="level-row">
            <td />
            <th scope="row" colSpan={2}>
              {level.name}{" "}
              {level.photo_at !== null && (
                <span className="quiet level-photo">
                  <Trans>
                    快照 {level.photo_quantity} · <Time at={level.photo_at} />
                  </Trans>
                </span>
              )}
            </th>
            {counters.map(({ key }) => (
              <td key={key} className="number">
                <Figure value={level[key]} strong={key === "atp"} />
              </td>
            ))}
          </tr>
        ))}
    </tbody>
  );
}

type Sortable = Pick<CounterFacts, "label" | "hint" | "sorts">;

function SortButton({
  counter,
  sort,
  onSort,
}: {
  counter: Sortable;
  sort: string;
  onSort: (sort: string) => void;
}) {
  const { sorts } = counter;
  if (sorts === undefined) return counter.label;
  const isOn = (sorts as readonly string[]).includes(sort);
  const isUp = isOn && !sort.startsWith("-");
  return (
    <button
      type="button"
      className="reset-button sorter"
      onClick={() => onSort(nextSort(sorts, isOn ? sort : undefined))}
    >
      {counter.label}
      {isUp ? (
        <CaretUpOutlined aria-hidden />
      ) : (
        <CaretDownOutlined aria-hidden style={{ opacity: isOn ? 1 : 0.3 }} />
      )}
    </button>
  );
}

function sortedBy(sorts: readonly string[] | undefined, sort: string) {
  if (sorts === undefined || !sorts.includes(sort)) return undefined;
  return sort.startsWith("-") ? "descending" : "ascending";
}
