import "./explained.css";
import { Trans, useLingui } from "@lingui/react/macro";
import type { StockExplanation, StockItemDetail } from "@/api/types";
import { count } from "@/kit/format";
import { Section } from "@/kit/Section";
import { Time } from "@/kit/Time";
import { Figure } from "./Figure";
import { Look, Parts } from "./Look";
import { Repair } from "./Repair";

/** Why each warehouse has its four numbers, what will change them, and how to set them right. */
export function Explained({ item }: { item: StockItemDetail }) {
  const { t } = useLingui();
  return (
    <Section title={t`为什么是这个数`} aside={<Repair sku={item.sku} kind="recompute" />}>
      {item.explanations.map((one, place) => (
        <details key={one.warehouse} className="explained" open={place === 0}>
          <summary>
            <FourNumbers one={one} />
          </summary>
          <Because sku={item.sku} one={one} />
        </details>
      ))}
    </Section>
  );
}

function FourNumbers({ one }: { one: StockExplanation }) {
  return (
    <>
      <span className="explained-name">{one.name}</span>
      <dl className="explained-four">
        <div>
          <dt>
            <Trans>WMS 快照</Trans>
          </dt>
          <dd>{one.wms === null ? "–" : count(one.wms)}</dd>
        </div>
        <div>
          <dt>
            <Trans>ERP 快照</Trans>
          </dt>
          <dd>{one.erp === null ? "–" : count(one.erp)}</dd>
        </div>
        <div>
          <dt>
            <Trans>在库</Trans>
          </dt>
          <dd>
            <Figure value={one.on_hand} />
          </dd>
        </div>
        <div>
          <dt>
            <Trans>可售</Trans>
          </dt>
          <dd>
            <Figure value={one.atp} strong />
          </dd>
        </div>
      </dl>
    </>
  );
}

function Because({ sku, one }: { sku: string; one: StockExplanation }) {
  const { t } = useLingui();
  const counting = one.looks.filter((look) => look.sets_on_hand);
  const others = one.looks.filter((look) => !look.sets_on_hand);
  return (
    <div className="explained-body">
      {one.looks.length === 0 && (
        <p className="quiet">
          <Trans>还没有收到这个仓的快照。</Trans>
        </p>
      )}
      {counting.map((look) => (
        <Look key={look.source} look={look} total={one.on_hand} />
      ))}
      <Parts
        title={t`从在库到可售`}
        start={{ label: t`在库`, units: one.on_hand }}
        parts={one.to_atp}
        end={{ label: t`可售`, units: one.atp }}
      />
      {others.map((look) => (
        <Look key={look.source} look={look} total={one.on_hand}>
          <Repair sku={sku} kind="accept" warehouse={one.warehouse} source={look.source} />
        </Look>
      ))}
      {one.first_lapse_at !== null && (
        <p className="quiet explained-next">
          <Trans>
            未付款预占最早在 <Time at={one.first_lapse_at} kind="full" /> 到期，到期后自动回到可售。
          </Trans>
        </p>
      )}
    </div>
  );
}
