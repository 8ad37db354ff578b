/** What came in on a day: money by account, goods by units. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { DailySummary } from "@/api/types";
import { Money } from "@/kit/Money";
import { Section } from "@/kit/Section";

export function Accounts({ summary }: { summary: DailySummary }) {
  const { t } = useLingui();
  return (
    <Section title={t`收款`}>
      {summary.accounts.length === 0 ? (
        <p className="section-empty">
          <Trans>这一天还没有收款。</Trans>
        </p>
      ) : (
        <ul className="day-list">
          {summary.accounts.map((one) => (
            <li key={`${one.provider} ${one.account}`}>
              <span>
                {one.provider_label} <span className="quiet">{one.account}</span>
              </span>
              <span>
                <Money fen={one.paid_fen} />{" "}
                <span className="quiet">
                  <Trans>{one.payments} 笔</Trans>
                </span>
                {one.refunded_fen > 0 && (
                  <>
                    {" · "}
                    <Trans>
                      退 <Money fen={one.refunded_fen} />
                    </Trans>
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Goods({ summary }: { summary: DailySummary }) {
  const { t } = useLingui();
  const rest = summary.sku_count - summary.skus.length;
  return (
    <Section title={t`卖得最多的`}>
      {summary.skus.length === 0 ? (
        <p className="section-empty">
          <Trans>这一天还没有卖出商品。</Trans>
        </p>
      ) : (
        <ol className="day-list">
          {summary.skus.slice(0, 10).map((one) => (
            <li key={one.sku}>
              <span>
                {one.name} <span className="mono quiet">{one.sku}</span>
              </span>
              <span>
                <Trans>{one.units} 件</Trans> · <Money fen={one.amount_fen} />
              </span>
            </li>
          ))}
        </ol>
      )}
      {rest + Math.max(summary.skus.length - 10, 0) > 0 && (
        <p className="day-note quiet">
          <Trans>全部 {summary.sku_count} 个商品在 Excel 的“商品”页。</Trans>
        </p>
      )}
    </Section>
  );
}
