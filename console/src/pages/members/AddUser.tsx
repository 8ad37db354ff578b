import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Form, Input, Modal, Select, Space } from "antd";
import type { RoleFacts } from "@/api/types";
import { wordsOf } from "@/kit/states";
import { generatedPassword } from "./password";
import type { SecretFacts } from "./Secret";
import { type NewUser, useAddUser } from "./useMembers";

/** Gives a person an account; the password is shown once afterwards. */
export function AddUser({
  open,
  roles,
  onDone,
  onClose,
}: {
  open: boolean;
  roles: readonly RoleFacts[];
  onDone: (secret: SecretFacts) => void;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const [form] = Form.useForm<NewUser>();
  const add = useAddUser();
  const told = wordsOf(add.error);
  const close = () => {
    add.reset();
    onClose();
  };
  const save = (user: NewUser) =>
    add.mutate(user, {
      onSuccess: (made) => {
        close();
        onDone({
          title: t`已添加 ${made.name}`,
          words: t`把用户名 ${made.username} 和下面的密码交给本人。`,
          secret: user.password,
        });
      },
    });
  const needed = (words: string) => [{ required: true, whitespace: true, message: words }];
  return (
    <Modal
      open={open}
      title={t`添加成员`}
      okText={t`添加`}
      cancelText={t`返回`}
      onOk={form.submit}
      onCancel={close}
      confirmLoading={add.isPending}
      destroyOnHidden
      width={460}
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
      <Form<NewUser>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: "customer_service", password: generatedPassword() }}
        onFinish={save}
      >
        <Form.Item name="name" label={t`姓名`} rules={needed(t`请填姓名`)}>
          <Input maxLength={100} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="username"
          label={t`用户名`}
          rules={needed(t`请填用户名`)}
          extra={t`2 至 40 位小写字母、数字、点、横线或下划线`}
        >
          <Input maxLength={40} autoComplete="off" />
        </Form.Item>
        <Form.Item name="role" label={t`角色`}>
          <Select options={roles.map((one) => ({ value: one.role, label: one.label }))} />
        </Form.Item>
        <Form.Item label={t`初始密码`} htmlFor="password">
          <Space.Compact block>
            <Form.Item name="password" noStyle rules={needed(t`请填密码`)}>
              <Input className="mono" autoComplete="new-password" maxLength={200} />
            </Form.Item>
            <Button onClick={() => form.setFieldValue("password", generatedPassword())}>
              <Trans>换一个</Trans>
            </Button>
          </Space.Compact>
        </Form.Item>
      </Form>
    </Modal>
  );
}
