import { Trans, useLingui } from "@lingui/react/macro";
import type { AddressAccuracy } from "@/api/types";
import { Section } from "@/kit/Section";
import { type Dot, dotsOf, floorOf } from "./dots";
import { percent } from "./search";

const WIDTH = 300;
const HEIGHT = 84;
const PAD = { left: 40, right: 8, top: 8, bottom: 18 };
const INNER = {
  width: WIDTH - PAD.left - PAD.right,
  height: HEIGHT - PAD.top - PAD.bottom,
};

/** The accuracy of each channel over time, a small chart each, all with one scale. */
export function Trend({ accuracy }: { accuracy: AddressAccuracy }) {
  const { t } = useLingui();
  const { days, channels, since, until } = accuracy;
  const floor = floorOf(days.flatMap((one) => one.right_share ?? []));
  return (
    <Section title={t`准确率走势`}>
      <div className="trends">
        {channels.map((one) => (
          <figure key={one.channel} className="trend">
            <figcaption>
              {one.channel_label}
              <strong>{one.right_share === null ? "—" : percent(one.right_share)}</strong>
            </figcaption>
            <Chart
              dots={dotsOf(days, one.channel, { since, until, floor })}
              name={one.channel_label}
              since={since}
              until={until}
              floor={floor}
            />
          </figure>
        ))}
      </div>
    </Section>
  );
}

function Chart({
  dots,
  name,
  since,
  until,
  floor,
}: {
  dots: readonly Dot[];
  name: string;
  since: string;
  until: string;
  floor: number;
}) {
  const { t } = useLingui();
  if (dots.length === 0) {
    return (
      <p className="quiet">
        <Trans>还没有自动通过的地址，算不出准确率。</Trans>
      </p>
    );
  }
  const at = (dot: Dot) => ({
    x: PAD.left + dot.x * INNER.width,
    y: PAD.top + dot.y * INNER.height,
  });
  const line = dots.map((dot) => `${at(dot).x.toFixed(1)},${at(dot).y.toFixed(1)}`).join(" ");
  const bottom = PAD.top + INNER.height;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t`${name}的准确率走势，逐日数字见下面的表`}
    >
      {[1, floor].map((share) => {
        const y = share === 1 ? PAD.top : bottom;
        return (
          <g key={share}>
            <line className="trend-grid" x1={PAD.left} x2={WIDTH - PAD.right} y1={y} y2={y} />
            <text x={PAD.left - 6} y={y + 4} textAnchor="end">
              {Math.round(share * 100)}%
            </text>
          </g>
        );
      })}
      <text x={PAD.left} y={HEIGHT - 3}>
        {since.slice(5)}
      </text>
      <text x={WIDTH - PAD.right} y={HEIGHT - 3} textAnchor="end">
        {until.slice(5)}
      </text>
      <polyline className="trend-line" points={line} />
      {dots.map((dot) => (
        <circle key={dot.day} className="trend-dot" cx={at(dot).x} cy={at(dot).y} r={2.5}>
          <title>{`${dot.day} ${percent(dot.share)}`}</title>
        </circle>
      ))}
    </svg>
  );
}
