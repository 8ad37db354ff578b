import { PlusOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { App, Button } from "antd";
import { useState } from "react";
import type { Token } from "@/api/types";
import { useNow } from "@/kit/clock";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Tag, type Tone } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFeedback } from "@/kit/useFeedback";
import { AddToken } from "./AddToken";
import { type TokenState, tokenState } from "./expiry";
import { type SecretFacts, SecretModal } from "./Secret";
import { type TokenList, useRevokeToken, useTokens, useUsers } from "./useMembers";

const TONES: Readonly<Record<TokenState, Tone>> = {
  valid: "green",
  expired: "amber",
  revoked: "grey",
};

export function Tokens() {
  const { t } = useLingui();
  const tokens = useTokens();
  const users = useUsers();
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<SecretFacts>();
  if (tokens.isPending) return <LoadingState />;
  if (tokens.data === undefined)
    return <ErrorState error={tokens.error} onRetry={() => void tokens.refetch()} />;
  const { items, scopes } = tokens.data;
  return (
    <>
      <div className="page-head">
        <span className="quiet">
          <Trans>给程序用的钥匙，只能做选定的事；密钥只在新建时显示一次。</Trans>
        </span>
        <span className="top-space" />
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
          <Trans>新建令牌</Trans>
        </Button>
      </div>
      {items.length === 0 ? (
        <EmptyState title={t`还没有令牌`}>
          <Trans>要让别的程序读订单或库存，先在这里新建一个。</Trans>
        </EmptyState>
      ) : (
        <ul className="members sheet" aria-label={t`令牌`}>
          {items.map((token) => (
            <TokenLine
              key={token.id}
              token={token}
              scopes={scopes}
              owner={users.data?.items.find((user) => user.id === token.owner_id)?.name ?? ""}
            />
          ))}
        </ul>
      )}
      <AddToken
        open={isAdding}
        scopes={scopes}
        onDone={setSecret}
        onClose={() => setAdding(false)}
      />
      <SecretModal shown={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

function TokenLine({
  token,
  scopes,
  owner,
}: {
  token: Token;
  scopes: TokenList["scopes"];
  owner: string;
}) {
  const { t } = useLingui();
  const { modal } = App.useApp();
  const feedback = useFeedback();
  const revoke = useRevokeToken();
  const state = tokenState(token, useNow(60));
  const words = { valid: t`有效`, expired: t`已过期`, revoked: t`已吊销` }[state];
  const names = token.scopes.map(
    (code) => scopes.find((scope) => scope.code === code)?.label ?? code,
  );
  const ask = () =>
    modal.confirm({
      title: t`吊销令牌“${token.name}”？`,
      content: t`用它的程序马上连不上。吊销后不能恢复。`,
      okText: t`吊销，不能恢复`,
      okButtonProps: { danger: true },
      cancelText: t`返回`,
      onOk: () =>
        revoke
          .mutateAsync(token.id)
          .then(() => feedback.done(t`已吊销“${token.name}”`))
          .catch(() => undefined),
    });
  return (
    <li className={state === "valid" ? "member is-token" : "member is-token is-off"}>
      <span className="member-name">
        <strong>{token.name}</strong> <span className="quiet">{owner}</span>{" "}
        <Tag tone={TONES[state]}>{words}</Tag>
      </span>
      <span className="token-scopes" title={names.join("、")}>
        {names.join("、")}
      </span>
      <span className="quiet member-seen">
        {token.last_used_at === null ? (
          <Trans>还没有用过</Trans>
        ) : (
          <Trans>
            上次使用 <Time at={token.last_used_at} />
          </Trans>
        )}
        {" · "}
        {token.expires_at === null ? (
          <Trans>不过期</Trans>
        ) : (
          <Trans>
            到期 <Time at={token.expires_at} />
          </Trans>
        )}
      </span>
      <span className="member-deeds">
        {state !== "revoked" && (
          <Button danger onClick={ask}>
            <Trans>吊销</Trans>
          </Button>
        )}
      </span>
    </li>
  );
}
