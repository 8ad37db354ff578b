import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Form, Input, InputNumber, Select } from "antd";
import type { Fault } from "@/api/types";
import { type Drafted, faultFrom } from "./faultDraft";
import { FAULT_KINDS, useFaultKinds } from "./labels";

const START: Drafted = { operation: "*", kind: "delay", percent: 100, times: 1, seconds: 5 };

/** What shall go wrong, where, how often. */
export function FaultForm({
  operations,
  isBusy,
  onAdd,
  onClose,
}: {
  operations: readonly string[];
  isBusy: boolean;
  onAdd: (fault: Fault) => void;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const kinds = useFaultKinds();
  const [form] = Form.useForm<Drafted>();
  const kind = Form.useWatch("kind", form) ?? START.kind;
  return (
    <Form<Drafted>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={START}
      className="fault-form"
      onFinish={(drafted) => onAdd(faultFrom(drafted))}
    >
      <Form.Item name="operation" label={t`哪个操作`} className="is-wide">
        <Select
          options={[
            { value: "*", label: t`全部操作` },
            ...operations.map((one) => ({ value: one, label: one })),
          ]}
        />
      </Form.Item>
      <Form.Item name="kind" label={t`怎么出错`} className="is-wide" extra={kinds[kind].hint}>
        <Select options={FAULT_KINDS.map((one) => ({ value: one, label: kinds[one].label }))} />
      </Form.Item>
      <Form.Item name="percent" label={t`概率 %`}>
        <InputNumber min={1} max={100} precision={0} />
      </Form.Item>
      <Form.Item name="times" label={t`次数`}>
        <InputNumber min={1} max={100_000} precision={0} placeholder={t`一直`} />
      </Form.Item>
      {kind !== "error" && (
        <Form.Item name="seconds" label={t`秒数`}>
          <InputNumber min={0} max={3600} />
        </Form.Item>
      )}
      {kind === "error" && (
        <Form.Item name="code" label={t`对方的错误码`}>
          <Input maxLength={80} placeholder={t`默认`} />
        </Form.Item>
      )}
      <div className="fault-form-foot">
        <Button onClick={onClose}>
          <Trans>取消</Trans>
        </Button>
        <Button type="primary" htmlType="submit" loading={isBusy}>
          <Trans>让它出错</Trans>
        </Button>
      </div>
    </Form>
  );
}
