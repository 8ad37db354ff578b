import { Trans, useLingui } from "@lingui/react/macro";
import type { ChannelBand } from "@/api/types";
import { count } from "@/kit/format";
import { Money } from "@/kit/Money";
import { byItself } from "./board";

/** How many orders of each value band needed nobody, the dearest first. */
export function Bands({ bands, days }: { bands: readonly ChannelBand[]; days: number }) {
  const { t } = useLingui();
  const names = { top: t`金额前 20%`, middle: t`中间 30%`, rest: t`其余 50%` };
  return (
    <section className="sheet bands" aria-label={t`自动化率`}>
      <div className="bands-head">
        <h2>
          <Trans>自动化率</Trans>
        </h2>
        <span className="quiet">
          <Trans>近 {days} 天已付订单里，从头到尾没有人经手的</Trans>
        </span>
      </div>
      {bands.length === 0 ? (
        <p className="quiet bands-none">
          <Trans>这几天还没有已付订单。</Trans>
        </p>
      ) : (
        <ul className="bands-list">
          {bands.map((band) => (
            <li key={band.band} className={band.band === "top" ? "band is-top" : "band"}>
              <span className="band-name">{names[band.band]}</span>
              <span className="band-rate">{byItself([band]) ?? "—"}%</span>
              <span className="quiet">
                <Trans>
                  {count(band.orders)} 单，{count(band.by_hand)} 单经过人手
                </Trans>
              </span>
              {band.band !== "rest" && (
                <span className="quiet">
                  <Trans>
                    单笔 <Money fen={band.least_fen} /> 起
                  </Trans>
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
