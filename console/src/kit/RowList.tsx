/** A list of one-line rows, of which only those in sight exist; on a phone, cards. */
import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from "react";
import { RowHead } from "./RowHead";
import { usePhone } from "./usePhone";

export const ROW_PX = 36;
const HEAD_PX = 34;
const SPARE_ROWS = 12;

export interface Column<Row> {
  key: string;
  title: ReactNode;
  /** A CSS grid track: "120px", "minmax(160px, 1fr)". */
  width: string;
  isNumber?: boolean;
  /** The sort values of the URL that a click on the title goes through. */
  sorts?: readonly string[];
  render: (row: Row) => ReactNode;
}

export interface RowListProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** The phone's form of a row; it holds its own link or button. */
  card: (row: Row) => ReactNode;
  /** A click on a row; the row's own link or button serves the keyboard. */
  onOpen?: (row: Row) => void;
  openKey?: string | undefined;
  cursorKey?: string | undefined;
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  /** Near the end of what is loaded. */
  onEnd?: () => void;
  /** Whether the reader has scrolled away from the newest rows. */
  onAway?: (isAway: boolean) => void;
  /** Each new number takes the reader back to the top. */
  topSignal?: number;
  minWidth?: number;
  footer?: ReactNode;
}

export function RowList<Row>(props: RowListProps<Row>) {
  return usePhone() ? <Cards {...props} /> : <Rows {...props} />;
}

/** The rows that must exist: those in sight and some spare ones. */
export function windowOf(scrolled: number, height: number, total: number): [number, number] {
  const first = Math.max(0, Math.floor(scrolled / ROW_PX) - SPARE_ROWS);
  const last = Math.min(total, Math.ceil((scrolled + height) / ROW_PX) + SPARE_ROWS);
  return [Math.min(first, last), last];
}

function Rows<Row>(props: RowListProps<Row>) {
  const { rows, columns, keyOf, onEnd, onAway, cursorKey } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const [first, last] = windowOf(view.top, view.height, rows.length);
  const isNearEnd = last >= rows.length && rows.length > 0;
  const isAway = view.top > ROW_PX;

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  useEffect(() => {
    if (isNearEnd) onEnd?.();
  }, [isNearEnd, onEnd]);
  useEffect(() => onAway?.(isAway), [isAway, onAway]);
  const cursorAt = cursorKey === undefined ? -1 : rows.findIndex((row) => keyOf(row) === cursorKey);
  useEffect(() => {
    const element = box.current;
    if (element === null || cursorAt < 0) return;
    const top = cursorAt * ROW_PX;
    const below = top + ROW_PX + HEAD_PX - element.clientHeight;
    if (element.scrollTop > top) element.scrollTop = top;
    else if (element.scrollTop < below) element.scrollTop = below;
  }, [cursorAt]);

  const { topSignal } = props;
  useEffect(() => {
    if (topSignal !== undefined && topSignal > 0) box.current?.scrollTo({ top: 0 });
  }, [topSignal]);

  const style = {
    "--tracks": columns.map((column) => column.width).join(" "),
    "--least": `${props.minWidth ?? 0}px`,
  } as CSSProperties;
  return (
    <div
      className="rows sheet"
      ref={box}
      role="table"
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      style={style}
    >
      <RowHead columns={columns} sort={props.sort} onSort={props.onSort} />
      <div role="rowgroup" className="rows-body" style={{ height: rows.length * ROW_PX }}>
        {rows.slice(first, last).map((row, index) => (
          <Line key={keyOf(row)} list={props} row={row} at={first + index} />
        ))}
      </div>
      {props.footer !== undefined && <div className="rows-footer">{props.footer}</div>}
    </div>
  );
}

function Line<Row>({ list, row, at }: { list: RowListProps<Row>; row: Row; at: number }) {
  const key = list.keyOf(row);
  const isOpen = key === list.openKey;
  const classes = ["row", isOpen ? "is-open" : "", key === list.cursorKey ? "is-cursor" : ""];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the row's own link serves the keyboard
    <div
      role="row"
      aria-rowindex={at + 2}
      aria-current={isOpen ? "true" : undefined}
      className={classes.filter(Boolean).join(" ")}
      style={{ top: at * ROW_PX }}
      onClick={(event) => {
        const target = event.target as HTMLElement;
        if (target.closest("a, button, input") === null) list.onOpen?.(row);
      }}
    >
      {list.columns.map((column) => (
        <div
          key={column.key}
          role="cell"
          className={column.isNumber === true ? "cell one-line number" : "cell one-line"}
        >
          {column.render(row)}
        </div>
      ))}
    </div>
  );
}

function Cards<Row>({ rows, keyOf, card, label, onEnd, footer }: RowListProps<Row>) {
  const end = useRef<HTMLDivElement>(null);
  const total = rows.length;
  useEffect(() => {
    const element = end.current;
    if (element === null || onEnd === undefined || total === 0) return;
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some((entry) => entry.isIntersecting)) onEnd();
      },
      { rootMargin: "600px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [onEnd, total]);
  return (
    <>
      <ul className="cards" aria-label={label}>
        {rows.map((row) => (
          <li key={keyOf(row)} className="card sheet">
            {card(row)}
          </li>
        ))}
      </ul>
      <div ref={end} className="rows-footer">
        {footer}
      </div>
    </>
  );
}
