import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Button, Descriptions } from "antd";
import { useState } from "react";
import type { Shop, ShopList } from "@/api/types";
import { Section } from "@/kit/Section";
import { SidePanel } from "@/kit/SidePanel";
import { useMay } from "@/kit/session";
import { ErrorState, LoadingState } from "@/kit/states";
import { Time } from "@/kit/Time";
import { ObservedSection } from "./ObservedSection";
import { LagLine, RuleWords, ShopState, Warehouses } from "./ShopCard";
import { ShopEdit } from "./ShopEdit";
import { SwitchButton } from "./SwitchButton";
import { useShop } from "./useShops";

/** One shop: settings, lag, connection, and what observing found. */
export function ShopPanel({
  id,
  list,
  onClose,
}: {
  id: string;
  list: ShopList;
  onClose: () => void;
}) {
  const shop = useShop(id);
  return (
    <SidePanel
      label={shop.data?.name ?? id}
      focusKey={id}
      header={shop.data?.name ?? id}
      onClose={onClose}
    >
      {shop.data !== undefined ? (
        <Body shop={shop.data} list={list} />
      ) : shop.isPending ? (
        <LoadingState />
      ) : (
        <ErrorState error={shop.error} onRetry={() => void shop.refetch()} />
      )}
    </SidePanel>
  );
}

function Body({ shop, list }: { shop: Shop; list: ShopList }) {
  const { t } = useLingui();
  const may = useMay("shops.write");
  const [isEditing, setEditing] = useState(false);
  return (
    <div className="shop-body">
      <div className="shop-deeds">
        <ShopState shop={shop} />
        <span className="top-space" />
        {may && (
          <>
            <SwitchButton shop={shop} />
            <Button type="primary" onClick={() => setEditing(true)}>
              <Trans>修改</Trans>
            </Button>
          </>
        )}
      </div>
      <Connection shop={shop} />
      <Section title={t`销售和共享`}>
        <Descriptions
          size="small"
          column={1}
          items={[
            { key: "channel", label: t`渠道`, children: shop.channel_label },
            { key: "id", label: t`编号`, children: <span className="mono">{shop.id}</span> },
            { key: "on", label: t`预占`, children: shop.reserve_on_label },
            { key: "ttl", label: t`预占时长`, children: t`${shop.ttl_seconds / 60} 分钟` },
            { key: "wh", label: t`供货仓库`, children: <Warehouses shop={shop} list={list} /> },
            { key: "rule", label: t`展示规则`, children: <RuleWords rule={shop.rule} /> },
            ...[...shop.by_category, ...shop.by_sku].map((one) => ({
              key: `x-${one.key}`,
              label: <span className="mono">{one.key}</span>,
              children: <RuleWords rule={one.rule} />,
            })),
          ]}
        />
      </Section>
      <Lag shop={shop} list={list} />
      {shop.observed_from !== null && <ObservedSection shop={shop} />}
      <p className="quiet shop-changed">
        {shop.changed_at !== null && (
          <Trans>
            第 {shop.version} 版 · {shop.changed_by || t`系统`} 修改于 <Time at={shop.changed_at} />
          </Trans>
        )}
      </p>
      {isEditing && <ShopEdit list={list} shop={shop} onClose={() => setEditing(false)} />}
    </div>
  );
}

function Connection({ shop }: { shop: Shop }) {
  const { connection } = shop;
  if (connection.state === "connected") return null;
  return (
    <div className="shop-note" role="note">
      {connection.state === "missing" ? (
        <>
          <p>
            <Trans>密钥只放在设置文件里。请在 yinuo.toml 写好下面的设置，再重启服务：</Trans>
          </p>
          <ul>
            {connection.missing.map((name) => (
              <li key={name} className="mono">
                {name}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>{connection.label}</p>
      )}
    </div>
  );
}

function Lag({ shop, list }: { shop: Shop; list: ShopList }) {
  const { t } = useLingui();
  const { lag } = shop;
  const none = "—";
  const seconds = lag?.p95_ms === null || lag === null ? null : (lag.p95_ms / 1000).toFixed(1);
  return (
    <Section title={t`库存滞后和接单`} aside={<LagLine shop={shop} />}>
      <dl className="shop-figures">
        <div>
          <dt>
            <Trans>未确认</Trans>
          </dt>
          <dd>{lag === null ? none : lag.unacknowledged}</dd>
        </div>
        <div>
          <dt>
            <Trans>最早等待</Trans>
          </dt>
          <dd>{lag === null ? none : t`${lag.oldest_seconds} 秒`}</dd>
        </div>
        <div>
          <dt>
            <Trans>近 1 小时 p95</Trans>
          </dt>
          <dd>{seconds === null ? none : t`${seconds} 秒`}</dd>
        </div>
        <div>
          <dt>
            <Trans>近 1 小时确认</Trans>
          </dt>
          <dd>{lag === null ? none : lag.acked_last_hour}</dd>
        </div>
      </dl>
      {lag !== null && (
        <p className="quiet">
          <Trans>超过 {Math.round(list.late_after_seconds / 60)} 分钟未确认会进入异常队列。</Trans>
        </p>
      )}
      <p className="quiet">
        {shop.read_at === null ? (
          <Trans>还没有拉取过订单</Trans>
        ) : (
          <Trans>
            上次拉取订单 <Time at={shop.read_at} />
          </Trans>
        )}
        {shop.newest_order_id !== null && shop.newest_placed_at !== null && (
          <>
            {" · "}
            <Link to="/orders/$orderId" params={{ orderId: shop.newest_order_id }}>
              <Trans>最新订单 {shop.newest_number}</Trans>
            </Link>{" "}
            <Time at={shop.newest_placed_at} />
          </>
        )}
      </p>
    </Section>
  );
}
