import { Trans, useLingui } from "@lingui/react/macro";
import type { ShopItem, ShopList, ShopRule } from "@/api/types";
import { Money } from "@/kit/Money";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";

/** One shop in the list: who serves it, what it shows, how far it is behind. */
export function ShopCard({
  shop,
  list,
  isOpen,
  onOpen,
}: {
  shop: ShopItem;
  list: ShopList;
  isOpen: boolean;
  onOpen: () => void;
}) {
  return (
    <li className={isOpen ? "shop sheet is-open" : "shop sheet"}>
      <div className="shop-head">
        <h2>
          <button type="button" className="shop-name" onClick={onOpen}>
            {shop.name}
          </button>
        </h2>
        <ShopState shop={shop} />
      </div>
      <p className="quiet">
        {shop.channel_label} · <span className="mono">{shop.id}</span> · {shop.reserve_on_label}
      </p>
      <p>
        <Warehouses shop={shop} list={list} /> · <RuleWords rule={shop.rule} />
        {shop.exceptions > 0 && (
          <>
            {" · "}
            <Trans>例外 {shop.exceptions} 条</Trans>
          </>
        )}
      </p>
      <LagLine shop={shop} />
      {shop.observed !== null && shop.observed.prevented > 0 && (
        <p className="shop-prevented">
          <Trans>
            旁观中避免超卖 {shop.observed.prevented} 单，值 <Money fen={shop.observed.worth_fen} />
          </Trans>
        </p>
      )}
    </li>
  );
}

export function ShopState({ shop }: { shop: ShopItem }) {
  return (
    <span className="shop-tags">
      {!shop.is_active ? (
        <Tag tone="grey">
          <Trans>已停用</Trans>
        </Tag>
      ) : shop.is_observing ? (
        <Tag tone="blue">
          <Trans>旁观</Trans>
        </Tag>
      ) : (
        <Tag tone="green">
          <Trans>正式运行</Trans>
        </Tag>
      )}
      {shop.connection.state !== "connected" && <Tag tone="amber">{shop.connection.label}</Tag>}
    </span>
  );
}

export function Warehouses({ shop, list }: { shop: ShopItem; list: ShopList }) {
  const { t } = useLingui();
  const names = shop.warehouses.map(
    (code) => list.warehouses.find((one) => one.code === code)?.label ?? code,
  );
  if (names.length === 0) return t`全部仓库`;
  return names.join(shop.in_order ? " → " : "、");
}

export function RuleWords({ rule }: { rule: ShopRule }) {
  const { t } = useLingui();
  const words = [];
  if (rule.buffer) words.push(t`保留 ${rule.buffer} 件`);
  words.push(rule.percent === 100 ? t`全部可售` : t`可售的 ${rule.percent}%`);
  if (rule.most !== null && rule.most !== undefined) words.push(t`最多 ${rule.most} 件`);
  return words.join("，");
}

/** Whether the shop knows its newest figures, and since when not. */
export function LagLine({ shop }: { shop: ShopItem }) {
  const { lag } = shop;
  if (lag === null) {
    return (
      <p className="quiet">
        <Trans>不向店铺推送库存</Trans>
      </p>
    );
  }
  if (lag.unacknowledged === 0) {
    return (
      <p className="shop-lag">
        <Tag tone="green">
          <Trans>库存已同步</Trans>
        </Tag>
        {lag.last_acked_at !== null && <Time at={lag.last_acked_at} />}
      </p>
    );
  }
  return (
    <p className="shop-lag">
      <Tag tone={lag.is_late ? "red" : "amber"}>
        <Trans>{lag.unacknowledged} 个可售数未确认</Trans>
      </Tag>
      {lag.oldest_since !== null && (
        <Trans>
          最早 <Time at={lag.oldest_since} />
        </Trans>
      )}
    </p>
  );
}
