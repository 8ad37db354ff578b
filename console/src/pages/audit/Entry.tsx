import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { AuditEntry } from "@/api/types";
import { Time } from "@/kit/Time";
import { differences } from "./differences";
import type { AuditChange } from "./search";

/** One entry of the chain: who did what to what, and the change behind a press. */
export function Entry({
  entry,
  isOpen,
  change,
}: {
  entry: AuditEntry;
  isOpen: boolean;
  change: AuditChange;
}) {
  const { t } = useLingui();
  const changes = differences(entry.before, entry.after);
  return (
    <li className={isOpen ? "entry is-open" : "entry"}>
      <div className="entry-line">
        <span className="entry-link" aria-hidden="true" />
        <span className="quiet entry-time">
          <Time at={entry.at} kind="full" />
        </span>
        <button
          type="button"
          className="reset-button entry-actor one-line"
          title={t`只看 ${entry.actor_label} 做的`}
          onClick={() => change({ actor: entry.actor })}
        >
          {entry.actor_label}
        </button>
        <button
          type="button"
          className="reset-button entry-action one-line"
          title={t`只看“${entry.action_label}”`}
          onClick={() => change({ action: entry.action })}
        >
          {entry.action_label}
        </button>
        <span className="mono entry-object one-line" title={entry.object}>
          {entry.object.startsWith("ord_") ? (
            <Link to="/orders/$orderId" params={{ orderId: entry.object }}>
              {entry.object}
            </Link>
          ) : (
            entry.object
          )}
        </span>
        <span className="mono quiet entry-hash" title={t`校验码的前 12 位，它把前一条也算在内`}>
          #{entry.position} {entry.hash_short}
        </span>
        {changes.length > 0 ? (
          <button
            type="button"
            className="reset-button entry-toggle"
            aria-expanded={isOpen}
            onClick={() => change({ open: isOpen ? "" : entry.id }, "replace")}
          >
            {isOpen ? <Trans>收起</Trans> : <Trans>看改动</Trans>}
          </button>
        ) : (
          <span />
        )}
      </div>
      {isOpen && changes.length > 0 && (
        <table className="small-table entry-changes">
          <thead>
            <tr>
              <th scope="col">
                <Trans>字段</Trans>
              </th>
              <th scope="col">
                <Trans>之前</Trans>
              </th>
              <th scope="col">
                <Trans>之后</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {changes.map((one) => (
              <tr key={one.field} className={one.isChanged ? "is-changed" : undefined}>
                <th scope="row" className="mono">
                  {one.field === "" ? "—" : one.field}
                </th>
                <td className="mono">{one.before === "" ? "—" : one.before}</td>
                <td className="mono">{one.after === "" ? "—" : one.after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </li>
  );
}
