import { Trans, useLingui } from "@lingui/react/macro";
import type { OrderDetail, OrderDocument } from "@/api/types";
import { Section } from "@/kit/Section";
import { Tag, type Tone } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFlash } from "@/kit/useFlash";

const TONES: Record<string, Tone> = {
  intended: "blue",
  unknown: "amber",
  done: "green",
  rejected: "red",
  cancelled: "grey",
};

/** What stands in the ERP and the WMS for this order. */
export function Documents({ order }: { order: OrderDetail }) {
  const { t } = useLingui();
  return (
    <Section title={t`外部单据`}>
      {order.documents.length === 0 ? (
        <p className="section-empty">
          <Trans>还没有下发到 ERP 和仓库。</Trans>
        </p>
      ) : (
        <ul className="documents">
          {order.documents.map((document) => (
            <Document key={`${document.kind} ${document.number}`} document={document} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Document({ document }: { document: OrderDocument }) {
  const { t } = useLingui();
  const isFlashing = useFlash(document.state);
  return (
    <li className={isFlashing ? "document flash" : "document"}>
      <div className="document-line">
        <strong>{document.label}</strong>
        <Tag tone={TONES[document.state] ?? "grey"}>{document.state_label}</Tag>
        {document.attempts > 1 && <span className="quiet">{t`试了 ${document.attempts} 次`}</span>}
        <span className="quiet document-time">
          <Time at={document.updated_at} />
        </span>
      </div>
      <div className="document-numbers mono quiet">
        <span title={t`我方单号`}>{document.number}</span>
        {document.outside_number !== "" && document.outside_number !== document.number && (
          <span title={t`对方单号`}>→ {document.outside_number}</span>
        )}
      </div>
      {document.last_error !== null && document.state !== "done" && (
        <p className="document-error">{document.last_error}</p>
      )}
    </li>
  );
}
