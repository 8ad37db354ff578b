import { Trans, useLingui } from "@lingui/react/macro";
import type { OrderDetail, OrderLine } from "@/api/types";
import { yuan } from "@/kit/format";
import { Money } from "@/kit/Money";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";

export function Lines({ order }: { order: OrderDetail }) {
  const { t } = useLingui();
  const { money } = order;
  const discount = yuan(-money.discount_fen);
  return (
    <Section title={t`商品`} aside={<span className="quiet">{t`共 ${order.item_count} 件`}</span>}>
      <ul className="order-lines">
        {order.lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </ul>
      <dl className="sums">
        <dt>
          <Trans>商品</Trans>
        </dt>
        <dd>
          <Money fen={money.items_fen} />
        </dd>
        {money.discount_fen !== 0 && (
          <>
            <dt>
              <Trans>优惠</Trans>
            </dt>
            <dd className="mono">{discount}</dd>
          </>
        )}
        <dt>
          <Trans>运费</Trans>
        </dt>
        <dd>
          <Money fen={money.freight_fen} />
        </dd>
        <dt className="is-total">
          <Trans>应付</Trans>
        </dt>
        <dd className="is-total">
          <Money fen={money.total_fen} />
        </dd>
      </dl>
      {order.remark !== "" && (
        <p className="remark">
          <span className="quiet">
            <Trans>买家留言</Trans>
          </span>{" "}
          {order.remark}
        </p>
      )}
    </Section>
  );
}

function Line({ line }: { line: OrderLine }) {
  const { t } = useLingui();
  const price = yuan(line.unit_price_fen);
  return (
    <li className="order-line">
      <span className="order-line-name">
        {line.name} {line.is_gift && <Tag tone="jade">{t`赠品`}</Tag>}{" "}
        {line.bundle_of !== null && (
          <Tag tone="grey" title={t`组合装里的一件`}>
            {line.bundle_of}
          </Tag>
        )}
        <span className="mono quiet order-line-sku">{line.sku}</span>
      </span>
      <span className="mono quiet">{price}</span>
      <span className="mono order-line-quantity">×{line.quantity}</span>
      <span className="number">
        <Money fen={line.amount_fen} />
      </span>
    </li>
  );
}
