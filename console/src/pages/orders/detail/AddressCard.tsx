import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { OrderDetail } from "@/api/types";
import { AddressReasons, doubtsOf } from "@/kit/AddressReasons";
import { Masked } from "@/kit/Masked";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";

function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)}%`;
}

/** How the address was read: as the channel wrote it, the levels, and the reason for each. */
export function AddressCard({ order }: { order: OrderDetail }) {
  const { t } = useLingui();
  const address = order.address;
  if (address === null) return null;
  const isOpen = address.state === "doubtful";
  return (
    <Section
      title={t`地址识别`}
      aside={
        <Link to="/addresses" search={{ open: order.id }}>
          {isOpen ? <Trans>去确认</Trans> : <Trans>更正</Trans>}
        </Link>
      }
    >
      <div className="address-read">
        <span className="address-verdict">
          <Tag tone={isOpen ? "amber" : "green"}>{address.state_label}</Tag>
          <span className="quiet">
            <Trans>把握 {percent(address.confidence)}</Trans>
          </span>
          {address.decided_by_name !== "" && (
            <span className="quiet">
              <Trans>由 {address.decided_by_name} 确定</Trans>
            </span>
          )}
        </span>
        <dl className="address-levels">
          <dt>
            <Trans>渠道原文</Trans>
          </dt>
          <dd>
            <Masked text={address.stated} />
          </dd>
          {address.levels.map((level) => (
            <div key={level.level} className="address-level">
              <dt>{level.label}</dt>
              <dd>
                {level.name} <span className="mono quiet">{level.code}</span>
              </dd>
            </div>
          ))}
        </dl>
        <AddressReasons
          doubts={doubtsOf(address.contradictions, address.doubt_label)}
          evidence={address.evidence}
        >
          <li className="quiet">
            <Trans>区划数据截至 {address.table_date}</Trans>
          </li>
        </AddressReasons>
      </div>
    </Section>
  );
}
