import { useLingui } from "@lingui/react/macro";
import { Form, Input, Modal, Select } from "antd";
import type { HoldReason, OrderDetail } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import type { DeedRunner } from "./useOrder";

interface Wanted {
  reason: HoldReason;
  note?: string;
}

export function HoldModal({
  open,
  order,
  deed,
  onClose,
}: {
  open: boolean;
  order: OrderDetail;
  deed: DeedRunner;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const [form] = Form.useForm<Wanted>();
  const hold = ({ reason, note }: Wanted) => {
    deed.mutate(
      { kind: "hold", reason, note: note ?? "" },
      {
        onSuccess: () => {
          feedback.done(t`已挂起，解除前不会下发`);
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      open={open}
      title={t`挂起订单 ${order.number}`}
      okText={t`挂起`}
      cancelText={t`返回`}
      onOk={form.submit}
      onCancel={onClose}
      confirmLoading={deed.isPending}
      destroyOnHidden
      width={460}
    >
      <p className="modal-hint">{t`挂起的订单停在原地，由负责的人解除后继续。`}</p>
      <Form<Wanted> form={form} layout="vertical" requiredMark={false} onFinish={hold}>
        <Form.Item name="reason" label={t`原因`} rules={[{ required: true, message: t`请选原因` }]}>
          <Select
            options={order.hold_reasons.map((one) => ({
              value: one.reason,
              label: t`${one.label} · 由${one.owner_label}处理`,
            }))}
          />
        </Form.Item>
        <Form.Item name="note" label={t`给处理的人留句话`}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
