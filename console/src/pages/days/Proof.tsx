/** The completeness certificates of a day: four sides of each shop, whether they agree, and why not. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Spin } from "antd";
import type { Certificate, CertificateSide as SideFacts } from "@/api/types";
import { Money } from "@/kit/Money";
import { Section } from "@/kit/Section";
import { ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { agrees, TONES } from "./days";
import type { useCertificates } from "./useDays";

export function Proof({
  certificates,
  open,
  onOpen,
}: {
  certificates: ReturnType<typeof useCertificates>;
  open: string | undefined;
  onOpen: (shopId: string) => void;
}) {
  const { t } = useLingui();
  const items = certificates.data?.items;
  return (
    <Section title={t`订单完整性：平台 = 收款 = 系统 = ERP`}>
      {items === undefined ? (
        certificates.isLoading ? (
          <LoadingState rows={3} />
        ) : (
          <ErrorState error={certificates.error} onRetry={() => void certificates.refetch()} />
        )
      ) : items.length === 0 ? (
        <p className="section-empty">
          <Trans>
            这一天还没有核对过。每天 20:30 和次日 8:00 自动核对，最近 7 天可以立即核对。
          </Trans>
        </p>
      ) : (
        <ul className="proof-list">
          {items.map((one) => (
            <Shop
              key={one.shop_id}
              one={one}
              isOpen={one.shop_id === open}
              onOpen={() => onOpen(one.shop_id)}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Shop({ one, isOpen, onOpen }: { one: Certificate; isOpen: boolean; onOpen: () => void }) {
  return (
    <li className={isOpen ? "proof is-open" : "proof"}>
      <div className="proof-head">
        <button type="button" className="reset-button proof-name" onClick={onOpen}>
          {one.shop}
        </button>
        <span className="quiet">{one.channel_name}</span>
        <Stamp one={one} />
        {one.gaps > 0 && (
          <span>
            <Trans>
              {one.gaps} 处差异，其中 {one.explained} 处已有原因
            </Trans>
          </span>
        )}
        {one.made_at !== null && (
          <span className="quiet proof-time">
            <Time at={one.made_at} />
          </span>
        )}
      </div>
      {one.colour !== null && <Sides one={one} />}
      {one.doubts.map((doubt) => (
        <p className="proof-doubt" key={doubt}>
          {doubt}
        </p>
      ))}
    </li>
  );
}

export function Stamp({ one }: { one: Certificate }) {
  return (
    <>
      {one.colour !== null && <Tag tone={TONES[one.colour]}>{one.colour_label}</Tag>}
      {one.is_waiting && (
        <span className="proof-waiting" role="status">
          <Spin size="small" /> <Trans>正在核对…</Trans>
        </span>
      )}
    </>
  );
}

function Sides({ one }: { one: Certificate }) {
  const { t } = useLingui();
  const same = agrees(one);
  const sides: { name: string; side: SideFacts; isOdd: boolean; isAsked?: boolean }[] = [
    { name: t`平台`, side: one.channel, isOdd: !same.paid, isAsked: one.is_channel_asked },
    { name: t`收款`, side: one.payments, isOdd: !same.paid },
    { name: t`系统`, side: one.hub, isOdd: !same.paid },
    { name: t`系统货款`, side: one.hub_goods, isOdd: !same.goods },
    { name: t`ERP 货款`, side: one.erp, isOdd: !same.goods, isAsked: one.is_erp_asked },
  ];
  return (
    <dl className="proof-sides">
      {sides.map(({ name, side, isOdd, isAsked }) => (
        <div key={name} className={isOdd && isAsked !== false ? "is-odd" : ""}>
          <dt>{name}</dt>
          <dd>
            {isAsked === false ? (
              <span className="quiet">
                <Trans>未取到</Trans>
              </span>
            ) : (
              <>
                <Trans>{side.orders} 单</Trans> <Money fen={side.fen} />
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
