/** One day: what it brought by shop, money and goods, and whether all sides tell the same of it. */
import "./days.css";
import { DownloadOutlined, LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Input } from "antd";
import type { DailySummary } from "@/api/types";
import { Freshness } from "@/kit/Freshness";
import { Money } from "@/kit/Money";
import { Section } from "@/kit/Section";
import { useFilters } from "@/kit/search";
import { useMay } from "@/kit/session";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { shifted } from "./days";
import { GapPanel } from "./GapPanel";
import { Groups } from "./Groups";
import { Proof } from "./Proof";
import { Accounts, Goods } from "./Sold";
import { useCertificates, useCompare, useSummary } from "./useDays";

const TODAY = () =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());

export function DaysPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<"day" | "open">();
  const day = filters.day ?? TODAY();
  const summary = useSummary(day);
  const certificates = useCertificates(day);
  const compare = useCompare(day);
  const may = useMay("payments.reconcile");
  const today = summary.data?.today ?? TODAY();
  const go = (to: string) => to !== "" && change({ day: to === today ? "" : to, open: "" });
  const isRecent = day >= shifted(today, -7);
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">
          <Trans>日报</Trans>
        </h1>
        <span className="day-choice">
          <Button
            aria-label={t`前一天`}
            icon={<LeftOutlined />}
            onClick={() => go(shifted(day, -1))}
          />
          <Input
            type="date"
            aria-label={t`哪一天`}
            value={day}
            max={today}
            onChange={(event) => go(event.target.value)}
          />
          <Button
            aria-label={t`后一天`}
            icon={<RightOutlined />}
            disabled={day >= today}
            onClick={() => go(shifted(day, 1))}
          />
        </span>
        <span className="top-space" />
        <Freshness at={summary.data?.as_of} />
        {may && isRecent && (
          <Button loading={compare.isPending} onClick={() => compare.mutate(null)}>
            <Trans>立即核对</Trans>
          </Button>
        )}
        <Button
          type="primary"
          icon={<DownloadOutlined aria-hidden />}
          href={`/api/v1/summaries/${day}/workbook`}
          download
        >
          <Trans>下载 Excel</Trans>
        </Button>
      </div>
      {summary.data === undefined ? (
        summary.isLoading ? (
          <LoadingState />
        ) : (
          <ErrorState error={summary.error} onRetry={() => void summary.refetch()} />
        )
      ) : (
        <>
          <Told summary={summary.data} />
          <Shops summary={summary.data} />
          <Proof
            certificates={certificates}
            open={filters.open}
            onOpen={(open) => change({ open })}
          />
          <Groups day={day} />
          <div className="day-pair">
            <Accounts summary={summary.data} />
            <Goods summary={summary.data} />
          </div>
        </>
      )}
      {filters.open !== undefined && (
        <GapPanel shopId={filters.open} day={day} onClose={() => change({ open: "" }, "replace")} />
      )}
    </div>
  );
}

function Told({ summary }: { summary: DailySummary }) {
  if (summary.told_at === null) return null;
  return (
    <p className="day-told quiet">
      <Trans>
        日报已于 <Time at={summary.told_at} kind="full" /> 出具
      </Trans>{" "}
      {summary.is_corrected && (
        <Tag tone="amber">
          <Trans>之后有更正</Trans>
        </Tag>
      )}
    </p>
  );
}

function Shops({ summary }: { summary: DailySummary }) {
  const { t } = useLingui();
  if (summary.shops.length === 0) {
    return (
      <EmptyState title={t`还没有店铺`}>
        <Trans>在“店铺”里添加后，新店铺会自动出现在日报里。</Trans>
      </EmptyState>
    );
  }
  const sum = (pick: (shop: DailySummary["shops"][number]) => number) =>
    summary.shops.reduce((total, shop) => total + pick(shop), 0);
  const heads = [t`下单`, t`已付款`, t`付款金额`, t`退款`, t`发运`, t`挂起`, t`超 72 小时`];
  return (
    <Section title={t`各店铺`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="day-scroll" tabIndex={0} role="region" aria-label={t`各店铺`}>
        <table className="day-table">
          <thead>
            <tr>
              <th scope="col">
                <Trans>店铺</Trans>
              </th>
              {heads.map((head) => (
                <th scope="col" key={head} className="number">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {summary.shops.map((shop) => (
              <tr key={shop.shop_id}>
                <th scope="row">{shop.shop}</th>
                <td className="number">{shop.placed}</td>
                <td className="number">{shop.paid}</td>
                <td className="number">
                  <Money fen={shop.paid_fen} />
                </td>
                <td className="number">
                  <Money fen={shop.refunded_fen} />
                </td>
                <td className="number">{shop.shipped}</td>
                <td className="number">{shop.held}</td>
                <td className={shop.waiting_long > 0 ? "number is-late" : "number"}>
                  {shop.waiting_long}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">
                <Trans>合计</Trans>
              </th>
              <td className="number">{sum((shop) => shop.placed)}</td>
              <td className="number">{sum((shop) => shop.paid)}</td>
              <td className="number">
                <Money fen={sum((shop) => shop.paid_fen)} />
              </td>
              <td className="number">
                <Money fen={sum((shop) => shop.refunded_fen)} />
              </td>
              <td className="number">{sum((shop) => shop.shipped)}</td>
              <td className="number">{sum((shop) => shop.held)}</td>
              <td className="number">{sum((shop) => shop.waiting_long)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </Section>
  );
}
