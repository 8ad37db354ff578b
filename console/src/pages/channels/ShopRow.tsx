import { Trans, useLingui } from "@lingui/react/macro";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ChannelRow } from "@/api/types";
import { count } from "@/kit/format";
import { Money } from "@/kit/Money";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { byItself } from "./board";

/** One shop on the board; each number leads to what it counts. */
export function ShopRow({ row }: { row: ChannelRow }) {
  const { t } = useLingui();
  const rate = byItself(row.bands);
  const top = byItself(row.bands.filter((band) => band.band === "top"));
  const shop = row.shop_id;
  return (
    <li className={row.is_active ? "board-shop sheet" : "board-shop sheet is-off"}>
      <div className="board-head">
        <h2>
          <Link to="/shops" search={{ open: shop }}>
            {row.name}
          </Link>
        </h2>
        <span className="quiet">{row.channel_label}</span>
        {!row.is_active && (
          <Tag tone="grey">
            <Trans>已停用</Trans>
          </Tag>
        )}
        <span className="top-space" />
        <ReadingWords row={row} />
      </div>
      <dl className="board-figures">
        <Figure
          name={t`今日订单`}
          value={row.orders_today}
          to={{ to: "/orders", search: { shop } }}
        >
          {row.newest_placed_at !== null && (
            <Trans>
              最新 <Time at={row.newest_placed_at} />
            </Trans>
          )}
        </Figure>
        <Figure name={t`今日已付`} value={row.paid_today}>
          <Money fen={row.paid_today_fen} />
        </Figure>
        <Figure
          name={t`今日已发`}
          value={row.shipped_today}
          to={{ to: "/orders", search: { shop, view: "shipped" } }}
        />
        <Figure name={t`已付未到仓`} value={row.unfinished}>
          {row.waiting_long > 0 && (
            <span className="is-red">
              <Trans>{count(row.waiting_long)} 单超过 72 小时</Trans>
            </span>
          )}
        </Figure>
        <Figure
          name={t`存疑`}
          value={row.doubtful_addresses + row.waiting_messages}
          tone={row.doubtful_addresses + row.waiting_messages > 0 ? "amber" : undefined}
          to={row.waiting_messages > 0 ? { to: "/messages" } : { to: "/addresses" }}
        >
          {t`地址 ${row.doubtful_addresses}，消息 ${row.waiting_messages}`}
        </Figure>
        <Figure
          name={t`异常`}
          value={row.work_items}
          tone={row.work_items > 0 ? "amber" : undefined}
          to={{ to: "/exceptions" }}
        >
          {row.overdue_items > 0 && (
            <span className="is-red">
              <Trans>{row.overdue_items} 张已超时</Trans>
            </span>
          )}
        </Figure>
        <Figure name={t`自动化率`} value={rate === null ? "—" : `${rate}%`}>
          {top !== null && t`前 20% 金额 ${top}%`}
        </Figure>
      </dl>
    </li>
  );
}

function Figure({
  name,
  value,
  tone,
  to,
  children,
}: {
  name: string;
  value: number | string;
  tone?: "amber" | undefined;
  to?: LinkProps;
  children?: ReactNode;
}) {
  const words = typeof value === "number" ? count(value) : value;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className={tone === undefined ? "board-value" : `board-value is-${tone}`}>
          {to === undefined ? words : <Link {...to}>{words}</Link>}
        </span>
        <span className="board-hint">{children}</span>
      </dd>
    </div>
  );
}

/** How far the shop's orders are read, and whether it knows its stock. */
function ReadingWords({ row }: { row: ChannelRow }) {
  const { reading, stock } = row;
  return (
    <span className="board-reading">
      {!reading.is_connected ? (
        <Tag tone="grey">
          <Trans>不拉取订单</Trans>
        </Tag>
      ) : reading.read_until === null ? (
        <Tag tone="amber">
          <Trans>还没有读过订单</Trans>
        </Tag>
      ) : (
        <Tag tone={reading.is_late ? "red" : "green"}>
          <Trans>
            订单读到 <Time at={reading.read_until} />
          </Trans>
        </Tag>
      )}
      {stock !== null && stock.unacknowledged > 0 && (
        <Tag tone={stock.is_late ? "red" : "amber"}>
          <Trans>{stock.unacknowledged} 个库存数未确认</Trans>
        </Tag>
      )}
      {reading.last_success_at !== null && (
        <span className="quiet">
          <Trans>
            上次成功 <Time at={reading.last_success_at} />
          </Trans>
        </span>
      )}
    </span>
  );
}
