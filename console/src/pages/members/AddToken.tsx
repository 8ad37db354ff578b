import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Checkbox, Form, Input, Modal, Select } from "antd";
import type { Permission } from "@/api/types";
import { serverNow } from "@/kit/clock";
import { wordsOf } from "@/kit/states";
import { expiryIn } from "./expiry";
import type { SecretFacts } from "./Secret";
import { type TokenList, useAddToken } from "./useMembers";

interface Drafted {
  name: string;
  scopes: Permission[];
  days: number;
}

/** Makes a key for a program; its secret is shown once afterwards. */
export function AddToken({
  open,
  scopes,
  onDone,
  onClose,
}: {
  open: boolean;
  scopes: TokenList["scopes"];
  onDone: (secret: SecretFacts) => void;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const [form] = Form.useForm<Drafted>();
  const add = useAddToken();
  const told = wordsOf(add.error);
  const close = () => {
    add.reset();
    onClose();
  };
  const save = ({ name, scopes: chosen, days }: Drafted) =>
    add.mutate(
      { name: name.trim(), scopes: chosen, expires_at: expiryIn(days, serverNow()) },
      {
        onSuccess: (made) => {
          close();
          onDone({
            title: t`令牌“${made.token.name}”`,
            words: t`放进程序的密钥配置里，请求时带上 Authorization: Bearer。`,
            secret: made.secret,
          });
        },
      },
    );
  const all = scopes.map((scope) => scope.code);
  const readOnly = all.filter((code) => code.endsWith(".read"));
  return (
    <Modal
      open={open}
      title={t`新建令牌`}
      okText={t`新建`}
      cancelText={t`返回`}
      onOk={form.submit}
      onCancel={close}
      confirmLoading={add.isPending}
      destroyOnHidden
      width={520}
    >
      {add.error !== null && (
        <Alert
          type="error"
          role="alert"
          title={told?.message ?? t`没有成功`}
          description={told?.nextStep}
          className="modal-alert"
        />
      )}
      <Form<Drafted>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ days: 90, scopes: [] }}
        onFinish={save}
      >
        <Form.Item
          name="name"
          label={t`名称`}
          rules={[{ required: true, whitespace: true, message: t`请填名称` }]}
        >
          <Input maxLength={100} placeholder={t`给哪个程序用`} />
        </Form.Item>
        <Form.Item name="days" label={t`有效期`}>
          <Select
            options={[
              { value: 30, label: t`30 天` },
              { value: 90, label: t`90 天` },
              { value: 365, label: t`1 年` },
              { value: 0, label: t`不过期` },
            ]}
          />
        </Form.Item>
        <Form.Item
          name="scopes"
          label={t`能做什么`}
          rules={[{ required: true, message: t`至少选一项` }]}
        >
          <Checkbox.Group
            className="scope-choice"
            options={scopes.map((scope) => ({ value: scope.code, label: scope.label }))}
          />
        </Form.Item>
        <div className="suggestions">
          <Button size="small" onClick={() => form.setFieldValue("scopes", readOnly)}>
            <Trans>只读</Trans>
          </Button>
          <Button size="small" onClick={() => form.setFieldValue("scopes", [])}>
            <Trans>全不选</Trans>
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
