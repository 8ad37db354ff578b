import { useLingui } from "@lingui/react/macro";
import { Form, Input, Modal, Radio } from "antd";
import type { Resolution, WorkItem, WorkItemList } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import type { DeedRunner } from "./useQueue";

interface Ending {
  resolution: Resolution;
  note?: string;
}

const MOST_NOTE = 1000;

/** Asks how an item ended, before it leaves the queue. */
export function ResolveModal({
  item,
  resolutions,
  deed,
  onClose,
}: {
  item: WorkItem | undefined;
  resolutions: WorkItemList["resolutions"];
  deed: DeedRunner;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const [form] = Form.useForm<Ending>();
  const finish = ({ resolution, note }: Ending) => {
    if (item === undefined) return;
    deed.mutate(
      { kind: "resolve", itemId: item.id, resolution, note: note?.trim() ?? "" },
      {
        onSuccess: () => {
          feedback.done(t`异常单已处理，可在“已处理”里放回`);
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      open={item !== undefined}
      title={t`处理完成：${item?.title ?? ""}`}
      okText={t`处理完成`}
      cancelText={t`返回`}
      onOk={form.submit}
      onCancel={onClose}
      confirmLoading={deed.isPending}
      destroyOnHidden
      width={480}
    >
      <p className="modal-hint">{t`会记入审计。问题其实还在时，会再生成一张新的异常单。`}</p>
      <Form<Ending> form={form} layout="vertical" requiredMark={false} onFinish={finish}>
        <Form.Item
          name="resolution"
          label={t`处理结果`}
          rules={[{ required: true, message: t`请选处理结果` }]}
        >
          <Radio.Group
            options={resolutions.map((one) => ({ value: one.code, label: one.label }))}
          />
        </Form.Item>
        <Form.Item name="note" label={t`备注`}>
          <Input.TextArea rows={3} maxLength={MOST_NOTE} placeholder={t`做了什么，和谁确认过`} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
