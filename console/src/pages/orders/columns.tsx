import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { OrderRow } from "@/api/types";
import { Countdown } from "@/kit/Countdown";
import { region } from "@/kit/format";
import { Money } from "@/kit/Money";
import type { Column } from "@/kit/RowList";
import { StatusTag } from "@/kit/StatusTag";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFlash } from "@/kit/useFlash";

const NONE = <span className="quiet">—</span>;

export function Status({ row }: { row: OrderRow }) {
  const isFlashing = useFlash(row.status);
  const held = row.holds.map((hold) => hold.label).join("、");
  return (
    <span className={isFlashing ? "flash" : undefined} title={held === "" ? undefined : held}>
      <StatusTag status={row.status} label={row.status_label} />
    </span>
  );
}

export function Carrier({ row }: { row: OrderRow }) {
  const parts = [row.warehouse_name, row.carrier_label].filter((part) => part !== null);
  const isFlashing = useFlash(parts.join());
  if (parts.length === 0) return NONE;
  return <span className={isFlashing ? "flash" : undefined}>{parts.join(" · ")}</span>;
}

export const COLUMNS: readonly Column<OrderRow>[] = [
  {
    key: "number",
    title: <Trans>订单号</Trans>,
    width: "164px",
    render: (row) => (
      <Link
        to="/orders/$orderId"
        params={{ orderId: row.id }}
        className="mono order-number"
        title={row.number}
      >
        {row.number}
      </Link>
    ),
  },
  {
    key: "channel",
    title: <Trans>渠道</Trans>,
    width: "70px",
    render: (row) => <span title={row.shop_name}>{row.channel_label}</span>,
  },
  {
    key: "status",
    title: <Trans>状态</Trans>,
    width: "100px",
    render: (row) => <Status row={row} />,
  },
  {
    key: "left",
    title: <Trans>预占剩余</Trans>,
    width: "84px",
    sorts: ["expires_at", ""],
    render: (row) =>
      row.reservation_expires_at === null ? NONE : <Countdown until={row.reservation_expires_at} />,
  },
  {
    key: "items",
    title: <Trans>明细</Trans>,
    width: "minmax(150px, 1fr)",
    render: (row) => (
      <span className="mono" title={row.items_text}>
        {row.items_text}
      </span>
    ),
  },
  {
    key: "receiver",
    title: <Trans>收货</Trans>,
    width: "minmax(184px, 1fr)",
    render: (row) => (
      <span title={`${row.receiver_masked.phone} ${row.receiver_masked.region}`}>
        {row.receiver_masked.name}{" "}
        <span className="quiet">{region(row.receiver_masked.region)}</span>
      </span>
    ),
  },
  {
    key: "tags",
    title: <Trans>标签</Trans>,
    width: "92px",
    render: (row) => (
      <span className="tags" title={row.tags.join(" ")}>
        {row.tags.map((tag) => (
          <Tag key={tag} tone="jade">
            {tag}
          </Tag>
        ))}
      </span>
    ),
  },
  {
    key: "total",
    title: <Trans>金额</Trans>,
    width: "98px",
    isNumber: true,
    sorts: ["-total", "total"],
    render: (row) => <Money fen={row.total_fen} />,
  },
  {
    key: "carrier",
    title: <Trans>仓库 · 承运商</Trans>,
    width: "130px",
    render: (row) => <Carrier row={row} />,
  },
  {
    key: "placed",
    title: <Trans>下单</Trans>,
    width: "92px",
    isNumber: true,
    sorts: ["-placed_at", "placed_at"],
    render: (row) => (
      <span className="quiet">
        <Time at={row.placed_at} />
      </span>
    ),
  },
];
export const LEAST_WIDTH = 1120;
