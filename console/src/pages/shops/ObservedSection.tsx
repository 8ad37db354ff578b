import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import type { ObservedOrder, Oversell, Shop } from "@/api/types";
import { Money } from "@/kit/Money";
import { Section } from "@/kit/Section";
import { useMay } from "@/kit/session";
import { ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFeedback } from "@/kit/useFeedback";
import { useDecide, useOpenOrders, useOversells } from "./useShops";

/** "N oversells prevented, worth X", and the list behind each number. */
export function ObservedSection({ shop }: { shop: Shop }) {
  const { t } = useLingui();
  const found = shop.observed;
  return (
    <Section title={t`旁观结果`}>
      {found === null ? (
        <p className="quiet">
          <Trans>旁观开始后还没有新订单。</Trans>
        </p>
      ) : (
        <>
          <p className="shop-headline">
            <Trans>
              避免超卖 <strong>{found.prevented}</strong> 单，值{" "}
              <strong>
                <Money fen={found.worth_fen} />
              </strong>
            </Trans>
          </p>
          <p className="quiet">
            <Trans>
              共 {found.orders} 单：会预占 {found.reserved}，付款前会提示售罄 {found.refused}
              ，其他需人处理 {found.findings}，仍开着 {found.open}。价值按买家为缺货件数付的钱计算。
            </Trans>
          </p>
          {found.prevented > 0 && <Oversells id={shop.id} />}
          {!shop.is_observing && found.open > 0 && <Undecided id={shop.id} />}
        </>
      )}
    </Section>
  );
}

function Oversells({ id }: { id: string }) {
  const { t } = useLingui();
  const list = useOversells(id);
  if (list.data === undefined) {
    return list.isPending ? (
      <LoadingState rows={3} />
    ) : (
      <ErrorState error={list.error} onRetry={() => void list.refetch()} />
    );
  }
  return (
    <>
      <ul className="shop-lines" aria-label={t`避免的超卖`}>
        {list.data.pages
          .flatMap((page) => page.items)
          .map((one) => (
            <OversellLine key={`${one.order_id}-${one.sku}`} one={one} />
          ))}
      </ul>
      {list.hasNextPage && (
        <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          <Trans>载入更多</Trans>
        </Button>
      )}
    </>
  );
}

function OversellLine({ one }: { one: Oversell }) {
  return (
    <li>
      <div className="shop-line-head">
        <Link to="/orders/$orderId" params={{ orderId: one.order_id }} className="mono">
          {one.number}
        </Link>
        <Time at={one.at} />
        <span className="top-space" />
        <Money fen={one.worth_fen} />
      </div>
      <div>
        {one.name} <span className="mono quiet">{one.sku}</span>{" "}
        <Trans>
          要 {one.wanted} 件，缺 {one.missing} 件
        </Trans>
      </div>
      <div className="quiet">
        {one.last_order_id === null ? (
          <Trans>当时已经一件不剩，没有订单占着</Trans>
        ) : (
          <Trans>
            最后一件会给{" "}
            <Link to="/orders/$orderId" params={{ orderId: one.last_order_id }} className="mono">
              {one.last_number}
            </Link>
            （{one.last_shop_name}）
          </Trans>
        )}
      </div>
    </li>
  );
}

function Undecided({ id }: { id: string }) {
  const { t } = useLingui();
  const list = useOpenOrders(id);
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0) return null;
  return (
    <>
      <p className="shop-note">
        <Trans>店铺已正式运行，下面的旁观订单要逐张决定；没有决定的，一诺不会处理。</Trans>
      </p>
      <ul className="shop-lines" aria-label={t`待决定的旁观订单`}>
        {items.map((one) => (
          <UndecidedLine key={one.order_id} one={one} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          <Trans>载入更多</Trans>
        </Button>
      )}
    </>
  );
}

function UndecidedLine({ one }: { one: ObservedOrder }) {
  const { t } = useLingui();
  const { modal } = App.useApp();
  const feedback = useFeedback();
  const may = useMay("shops.write");
  const decide = useDecide();
  const ask = (deed: "take-over" | "close") =>
    modal.confirm({
      title: deed === "close" ? t`按旁观关闭 ${one.number}？` : t`接管 ${one.number}？`,
      content:
        deed === "close"
          ? t`订单由原系统处理，一诺以后也不处理。不能改回。`
          : t`一诺会马上预占库存并发货。请先确认原系统没有发过货，否则会发两次。`,
      okText: deed === "close" ? t`关闭` : t`接管`,
      okButtonProps: { danger: deed === "take-over" },
      cancelText: t`返回`,
      onOk: () =>
        decide
          .mutateAsync({ orderId: one.order_id, deed })
          .then(() => feedback.done(deed === "close" ? t`已关闭` : t`已接管`))
          .catch(() => undefined),
    });
  return (
    <li>
      <div className="shop-line-head">
        <Link to="/orders/$orderId" params={{ orderId: one.order_id }} className="mono">
          {one.number}
        </Link>
        <Tag tone={one.outcome === "short" ? "red" : "grey"}>{one.outcome_label}</Tag>
        <span className="top-space" />
        {may && (
          <>
            <Button size="small" onClick={() => ask("close")}>
              <Trans>关闭</Trans>
            </Button>
            <Button size="small" onClick={() => ask("take-over")}>
              <Trans>接管</Trans>
            </Button>
          </>
        )}
      </div>
      <div className="quiet">
        {one.items} · {one.is_paid ? <Trans>已付款</Trans> : <Trans>未付款</Trans>} ·{" "}
        <Money fen={one.total_fen} />
      </div>
    </li>
  );
}
