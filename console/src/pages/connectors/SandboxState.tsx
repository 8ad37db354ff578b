import { Trans, useLingui } from "@lingui/react/macro";
import type { Sandbox } from "@/api/types";
import { count } from "@/kit/format";
import { useStateNames } from "./labels";
import { summaryOf } from "./sandboxState";

/** What a stand-in remembers: figures at a glance, the rest behind a press. */
export function SandboxState({ sandbox }: { sandbox: Sandbox }) {
  const { t } = useLingui();
  const names = useStateNames();
  const { figures, groups } = summaryOf(sandbox.state);
  const nameOf = (key: string) => names[key] ?? key;
  return (
    <>
      <dl className="sandbox-figures">
        {[...figures, { name: "pending_callbacks", value: String(sandbox.pending_callbacks) }].map(
          (figure) => (
            <div key={figure.name}>
              <dt>{nameOf(figure.name)}</dt>
              <dd>{figure.value}</dd>
            </div>
          ),
        )}
      </dl>
      {groups.map((group) => (
        <details key={group.name} className="sandbox-group">
          <summary>
            {nameOf(group.name)} <span className="quiet">{count(group.total)}</span>
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <div className="sandbox-rows" tabIndex={0} role="region" aria-label={nameOf(group.name)}>
            <table className="small-table">
              <thead className="visually-hidden">
                <tr>
                  <th scope="col">{t`名称`}</th>
                  <th scope="col">{t`内容`}</th>
                </tr>
              </thead>
              <tbody>
                {group.rows.map((row) => (
                  <tr key={row.name}>
                    <th scope="row" className="mono">
                      {row.name}
                    </th>
                    <td className="mono sandbox-words">{row.words}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {group.total > group.rows.length && (
              <p className="section-empty">
                <Trans>只列前 {group.rows.length} 条</Trans>
              </p>
            )}
          </div>
        </details>
      ))}
    </>
  );
}
