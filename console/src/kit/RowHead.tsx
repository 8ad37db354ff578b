import { CaretDownOutlined, CaretUpOutlined } from "@ant-design/icons";
import type { Column } from "./RowList";

/** The titles of a list; those that sort are buttons. */
export function RowHead<Row>({
  columns,
  sort,
  onSort,
}: {
  columns: readonly Column<Row>[];
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}) {
  return (
    <div role="rowgroup" className="rows-head">
      <div role="row" aria-rowindex={1} className="row">
        {columns.map((column) => (
          <div
            key={column.key}
            role="columnheader"
            className={column.isNumber === true ? "cell number" : "cell"}
            aria-sort={sorted(column.sorts, sort)}
          >
            {column.sorts === undefined ? (
              column.title
            ) : (
              <button
                type="button"
                className="reset-button sorter"
                onClick={() => onSort?.(nextSort(column.sorts ?? [], sort))}
              >
                {column.title}
                <Caret way={sorted(column.sorts, sort)} />
              </button>
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

function Caret({ way }: { way: "ascending" | "descending" | undefined }) {
  if (way === "ascending") return <CaretUpOutlined aria-hidden />;
  return <CaretDownOutlined aria-hidden style={{ opacity: way === undefined ? 0.3 : 1 }} />;
}

function sorted(sorts: readonly string[] | undefined, sort: string | undefined) {
  if (sort === undefined || sorts === undefined || !sorts.includes(sort)) return undefined;
  return sort.startsWith("-") ? "descending" : "ascending";
}

/** The sort after this one in a column's turn. */
export function nextSort(sorts: readonly string[], sort: string | undefined): string {
  const at = sort === undefined ? -1 : sorts.indexOf(sort);
  return sorts[(at + 1) % sorts.length] ?? "";
}
