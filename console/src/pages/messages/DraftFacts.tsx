import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { MessageDraft } from "@/api/types";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";

/** A draft that was decided, or waits its turn: what was read, and what became of it. */
export function DraftFacts({ draft }: { draft: MessageDraft }) {
  const { t } = useLingui();
  const goods = draft.lines.map((line) => {
    const name = line.sku_name !== "" ? line.sku_name : line.goods.value;
    return `${name} × ${line.quantity?.value ?? "?"}`;
  });
  const who = [draft.label, draft.name?.value, draft.phone?.value].filter(
    (part, at, all) => part !== undefined && part !== "" && all.indexOf(part) === at,
  );
  return (
    <Section
      title={who.length > 0 ? who.join(" ") : t`草稿`}
      aside={
        <Tag
          tone={draft.state === "ordered" ? "green" : draft.state === "waiting" ? "amber" : "grey"}
        >
          {draft.state_label}
        </Tag>
      }
    >
      <p className="message-note">{goods.join("，")}</p>
      {draft.address !== null && <p className="message-note quiet">{draft.address.value}</p>}
      {draft.order_id !== null && (
        <p className="message-note">
          <Link to="/orders/$orderId" params={{ orderId: draft.order_id }}>
            <Trans>看这一单</Trans>
          </Link>
        </p>
      )}
    </Section>
  );
}
