import { useLingui } from "@lingui/react/macro";
import { Checkbox, Form, Input, Modal, Radio } from "antd";
import type { Resolution, WorkItem, WorkItemList } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import { BulkProgress } from "./BulkProgress";
import { useAlike, useBulk } from "./useBulk";
import type { DeedRunner } from "./useQueue";

interface Ending {
  resolution: Resolution;
  note?: string;
  withAlike?: boolean;
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
  const alike = useAlike(item?.id ?? "", item !== undefined);
  const bulk = useBulk();
  const others = (alike.data?.ids ?? []).filter((id) => id !== item?.id);
  const finish = ({ resolution, note, withAlike }: Ending) => {
    if (item === undefined) return;
    const ending = { resolution, note: note?.trim() ?? "" };
    deed.mutate(
      { kind: "resolve", itemId: item.id, ...ending },
      {
        onSuccess: async () => {
          if (withAlike === true) {
            const ended = await bulk.run(others, { action: "resolve", ...ending });
            if (ended.refused.length > 0 || ended.tried < ended.total) return;
          }
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
      confirmLoading={deed.isPending || (bulk.state?.isRunning ?? false)}
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
        {others.length > 0 && (
          <Form.Item name="withAlike" valuePropName="checked">
            <Checkbox>{t`同样原因的另外 ${others.length} 张也这样处理`}</Checkbox>
          </Form.Item>
        )}
      </Form>
      {bulk.state !== undefined && <BulkProgress state={bulk.state} onStop={bulk.stop} />}
    </Modal>
  );
}
