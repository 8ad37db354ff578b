import { Trans, useLingui } from "@lingui/react/macro";
import type { StockItemDetail } from "@/api/types";
import { count } from "@/kit/format";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";

const SOURCES: Record<string, string> = { erp: "ERP", wms: "WMS" };

/** What the other systems showed last, each with its time; on hand follows from the marked one. */
export function Photographs({ item }: { item: StockItemDetail }) {
  const { t } = useLingui();
  return (
    <Section title={t`库存快照`}>
      {item.photographs.length === 0 ? (
        <p className="section-empty">
          <Trans>还没有收到快照。</Trans>
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <div className="table-scroll" tabIndex={0} role="region" aria-label={t`库存快照`}>
          <table className="small-table">
            <thead>
              <tr>
                <th scope="col">
                  <Trans>仓库</Trans>
                </th>
                <th scope="col">
                  <Trans>来自</Trans>
                </th>
                <th scope="col" className="number">
                  <Trans>数量</Trans>
                </th>
                <th scope="col" className="number" title={t`对方自己记着的占用`}>
                  <Trans>对方占用</Trans>
                </th>
                <th scope="col" className="number">
                  <Trans>拍于</Trans>
                </th>
              </tr>
            </thead>
            <tbody>
              {item.photographs.map((photo) => {
                const level = item.warehouses.find((one) => one.warehouse === photo.warehouse);
                const isBase = level?.photo_source === photo.source;
                return (
                  <tr key={`${photo.warehouse} ${photo.source}`}>
                    <th scope="row">{level?.name ?? photo.warehouse}</th>
                    <td>
                      {SOURCES[photo.source] ?? photo.source}{" "}
                      {isBase && (
                        <Tag tone="jade">
                          <Trans>在库以此为准</Trans>
                        </Tag>
                      )}
                    </td>
                    <td className="number">{count(photo.quantity)}</td>
                    <td className="number">{count(photo.open + photo.locked)}</td>
                    <td className="number quiet">
                      <Time at={photo.as_of} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
