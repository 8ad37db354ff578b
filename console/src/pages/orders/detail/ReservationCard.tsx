import { Trans, useLingui } from "@lingui/react/macro";
import type { OrderDetail } from "@/api/types";
import { Countdown, TtlBar } from "@/kit/Countdown";
import { Section } from "@/kit/Section";
import { Tag, type Tone } from "@/kit/Tag";

const TONES: Record<string, Tone> = {
  reserved: "jade",
  allocated: "blue",
  deducted: "green",
  released: "grey",
  lapsed: "red",
};

export function ReservationCard({ order }: { order: OrderDetail }) {
  const { t } = useLingui();
  const claim = order.reservation;
  if (claim === null) {
    return (
      <Section title={t`库存`}>
        <p className="section-empty">
          <Trans>这张订单没有占着库存。</Trans>
        </p>
      </Section>
    );
  }
  const isTimed = claim.state === "reserved";
  return (
    <Section
      title={t`库存`}
      aside={<Tag tone={TONES[claim.state] ?? "grey"}>{claim.state_label}</Tag>}
    >
      <div className="claim">
        <span>
          {claim.warehouse_name}{" "}
          <span className="mono quiet">
            {claim.lines.map((line) => `${line.sku}×${line.quantity}`).join(" ")}
          </span>
        </span>
        {isTimed ? (
          <>
            <div className="claim-time">
              <TtlBar until={claim.expires_at} />
              <Countdown until={claim.expires_at} />
            </div>
            <span className="quiet">
              {claim.is_paid ? (
                <Trans>已付款：快到期时自动续期并告警，不会悄悄失效。</Trans>
              ) : (
                <Trans>未付款：到期后自动释放，库存回到可售。</Trans>
              )}
            </span>
          </>
        ) : null}
      </div>
    </Section>
  );
}
