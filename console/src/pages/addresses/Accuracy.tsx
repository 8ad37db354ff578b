import { Trans, useLingui } from "@lingui/react/macro";
import type { AddressAccuracy } from "@/api/types";
import { Section } from "@/kit/Section";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Budget } from "./Budget";
import { percent } from "./search";
import { Trend } from "./Trend";
import { useAccuracy } from "./useAddresses";

type Counts = AddressAccuracy["channels"][number];

function share(value: number | null): string {
  return value === null ? "—" : percent(value);
}

/** How addresses came out, by channel and by day, as people's corrections tell. */
export function Accuracy() {
  const { t } = useLingui();
  const { data, error, refetch } = useAccuracy();
  if (data === undefined) {
    if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
    return <LoadingState rows={8} />;
  }
  if (data.channels.length === 0) {
    return (
      <div className="address-list accuracy">
        <Budget />
        <EmptyState title={t`这 30 天还没有读过地址`}>
          <Trans>第一单的地址读过之后，这里按渠道显示准确率。</Trans>
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="address-list accuracy">
      <Budget />
      <Trend accuracy={data} />
      <Section title={t`近 30 天，按渠道`}>
        <Table
          rows={data.channels}
          title={t`渠道`}
          keyOf={(row) => row.channel}
          nameOf={(row) => row.channel_label}
        />
      </Section>
      <Section title={t`按天`}>
        <Table
          rows={data.days}
          title={t`日期和渠道`}
          keyOf={(row) => `${row.day} ${row.channel}`}
          nameOf={(row) => `${row.day} ${row.channel_label}`}
        />
      </Section>
      <p className="quiet">
        <Trans>
          自动通过：没有经过人就用了的；其中后来被人更正的算“判错”。准确率 =
          自动通过里没有判错的比例。
        </Trans>
      </p>
    </div>
  );
}

function Table<Row extends Counts>({
  rows,
  keyOf,
  nameOf,
  title,
}: {
  title: string;
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  nameOf: (row: Row) => string;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className="accuracy-scroll" tabIndex={0}>
      <table className="accuracy-table">
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col">
              <Trans>地址</Trans>
            </th>
            <th scope="col">
              <Trans>自动通过</Trans>
            </th>
            <th scope="col">
              <Trans>准确率</Trans>
            </th>
            <th scope="col">
              <Trans>判错</Trans>
            </th>
            <th scope="col">
              <Trans>问过人</Trans>
            </th>
            <th scope="col">
              <Trans>待确认</Trans>
            </th>
            <th scope="col">
              <Trans>靠别名</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row">{nameOf(row)}</th>
              <td>{row.total}</td>
              <td>
                <span className="bar" aria-hidden="true">
                  <span style={{ width: share(row.passed_share ?? 0) }} />
                </span>
                {share(row.passed_share)}
              </td>
              <td>{share(row.right_share)}</td>
              <td>{row.wrong}</td>
              <td>{row.asked}</td>
              <td>{row.waiting}</td>
              <td>{row.by_alias}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
