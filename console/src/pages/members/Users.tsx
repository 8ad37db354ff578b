import { PlusOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { App, Button, Select } from "antd";
import { useState } from "react";
import type { Role, RoleFacts, User } from "@/api/types";
import { useMe } from "@/kit/session";
import { ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { useFeedback } from "@/kit/useFeedback";
import { AddUser } from "./AddUser";
import { generatedPassword } from "./password";
import { type SecretFacts, SecretModal } from "./Secret";
import { useChangeUser, useUsers } from "./useMembers";

export function Users() {
  const users = useUsers();
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<SecretFacts>();
  const { t } = useLingui();
  if (users.isPending) return <LoadingState />;
  if (users.data === undefined)
    return <ErrorState error={users.error} onRetry={() => void users.refetch()} />;
  return (
    <>
      <div className="page-head">
        <span className="quiet">
          <Trans>停用的人立刻退出登录；做过的事留在审计里。</Trans>
        </span>
        <span className="top-space" />
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
          <Trans>添加成员</Trans>
        </Button>
      </div>
      <ul className="members sheet" aria-label={t`成员`}>
        {users.data.items.map((user) => (
          <UserLine key={user.id} user={user} roles={users.data.roles} onSecret={setSecret} />
        ))}
      </ul>
      <AddUser
        open={isAdding}
        roles={users.data.roles}
        onDone={setSecret}
        onClose={() => setAdding(false)}
      />
      <SecretModal shown={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

function UserLine({
  user,
  roles,
  onSecret,
}: {
  user: User;
  roles: readonly RoleFacts[];
  onSecret: (secret: SecretFacts) => void;
}) {
  const { t } = useLingui();
  const { modal } = App.useApp();
  const feedback = useFeedback();
  const me = useMe();
  const change = useChangeUser();
  const isMe = me?.id === user.id;
  const setRole = (role: Role) => {
    const label = roles.find((one) => one.role === role)?.label ?? role;
    change.mutate(
      { id: user.id, role },
      { onSuccess: () => feedback.done(t`${user.name} 现在是${label}`) },
    );
  };
  const disable = () =>
    modal.confirm({
      title: t`停用 ${user.name}？`,
      content: t`他会立刻退出登录，以后不能再登录。可以随时再启用。`,
      okText: t`停用`,
      okButtonProps: { danger: true },
      cancelText: t`返回`,
      // The refusal, for the last IT admin too, is told by the mutation itself.
      onOk: () =>
        change
          .mutateAsync({ id: user.id, is_disabled: true })
          .then(() => feedback.done(t`已停用 ${user.name}`))
          .catch(() => undefined),
    });
  const enable = () =>
    change.mutate(
      { id: user.id, is_disabled: false },
      { onSuccess: () => feedback.done(t`已启用 ${user.name}`) },
    );
  const renew = () => {
    const password = generatedPassword();
    modal.confirm({
      title: t`给 ${user.name} 换新密码？`,
      content: t`旧密码马上失效。新密码只显示一次。`,
      okText: t`换新密码`,
      cancelText: t`返回`,
      onOk: () =>
        change
          .mutateAsync({ id: user.id, password })
          .then(() =>
            onSecret({
              title: t`${user.name} 的新密码`,
              words: t`把用户名 ${user.username} 和下面的密码交给本人。`,
              secret: password,
            }),
          )
          .catch(() => undefined),
    });
  };
  return (
    <li className={user.is_disabled ? "member is-off" : "member"}>
      <span className="member-name">
        <strong>{user.name}</strong> <span className="mono quiet">{user.username}</span>{" "}
        {isMe && (
          <Tag tone="jade">
            <Trans>我</Trans>
          </Tag>
        )}
        {user.is_disabled && (
          <Tag tone="grey">
            <Trans>已停用</Trans>
          </Tag>
        )}
      </span>
      <Select<Role>
        className="member-role"
        aria-label={t`${user.name} 的角色`}
        value={user.role}
        disabled={user.is_disabled}
        loading={change.isPending}
        onChange={setRole}
        options={roles.map((one) => ({ value: one.role, label: one.label }))}
      />
      <span className="quiet member-seen">
        {user.last_sign_in_at === null ? (
          <Trans>还没有登录过</Trans>
        ) : (
          <Trans>
            上次登录 <Time at={user.last_sign_in_at} />
          </Trans>
        )}
      </span>
      <span className="member-deeds">
        <Button onClick={renew} disabled={user.is_disabled}>
          <Trans>换密码</Trans>
        </Button>
        {user.is_disabled ? (
          <Button onClick={enable} loading={change.isPending}>
            <Trans>启用</Trans>
          </Button>
        ) : (
          <Button danger onClick={disable}>
            <Trans>停用</Trans>
          </Button>
        )}
      </span>
    </li>
  );
}
