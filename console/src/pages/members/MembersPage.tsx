/** Who may use the console, and which programs may use the API. */
import "./members.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useFilters } from "@/kit/search";
import { useMay } from "@/kit/session";
import { Tabs } from "@/kit/Tabs";
import { Tokens } from "./Tokens";
import { Users } from "./Users";

export function MembersPage() {
  const { t } = useLingui();
  const [filters, change] = useFilters<"tab">();
  const mayTokens = useMay("tokens.manage");
  const tab = filters.tab === "tokens" && mayTokens ? "tokens" : "users";
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="visually-hidden">
          <Trans>成员</Trans>
        </h1>
        <Tabs<"users" | "tokens">
          label={t`成员和令牌`}
          value={tab}
          tabs={[
            { key: "users", label: t`成员` },
            ...(mayTokens ? [{ key: "tokens" as const, label: t`API 令牌` }] : []),
          ]}
          onChange={(next) => change({ tab: next === "users" ? "" : next })}
        />
      </div>
      {tab === "users" ? <Users /> : <Tokens />}
    </div>
  );
}
