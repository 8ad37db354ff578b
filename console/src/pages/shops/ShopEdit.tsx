import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, App, Button, Checkbox, Form, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import type { Shop, ShopList } from "@/api/types";
import { wordsOf } from "@/kit/states";
import { useFeedback } from "@/kit/useFeedback";
import { draftOf, NEW_SHOP, newShop, type ShopDraft, shopChange } from "./draft";
import { Exceptions, RuleFields } from "./RuleFields";
import { ShopPreview } from "./ShopPreview";
import { useSaveShop, useShop } from "./useShops";

/** Adds or changes a shop; beside the rules stands what they would show now. */
export function ShopEdit({
  list,
  shop,
  onClose,
  onSaved,
}: {
  list: ShopList;
  shop?: Shop;
  onClose: () => void;
  onSaved?: (id: string) => void;
}) {
  const { t } = useLingui();
  const { modal } = App.useApp();
  const feedback = useFeedback();
  const [form] = Form.useForm<ShopDraft>();
  const save = useSaveShop();
  // The version that the form was filled from: what others change meanwhile is a conflict.
  const [version, setVersion] = useState(shop?.version ?? 0);
  const [initial] = useState(() => (shop === undefined ? NEW_SHOP : draftOf(shop)));
  const isNew = shop === undefined;
  const send = (draft: ShopDraft, from: number) =>
    save.mutate(
      isNew
        ? { kind: "add", body: newShop(draft) }
        : { kind: "change", id: shop.id, body: shopChange(draft, from) },
      {
        onSuccess: (saved) => {
          feedback.done(t`${saved.name} 已保存`);
          onSaved?.(saved.id);
          onClose();
        },
      },
    );
  const finish = () => {
    const draft = form.getFieldsValue(true) as ShopDraft;
    if (isNew || draft.is_active || !shop.is_active) return send(draft, version);
    modal.confirm({
      title: t`停用 ${shop.name}？`,
      content: t`不再拉取它的订单，也不再向它推送库存；已接的订单照常处理。`,
      okText: t`停用并保存`,
      okButtonProps: { danger: true },
      cancelText: t`返回`,
      onOk: () => send(draft, version),
    });
  };
  return (
    <Modal
      open
      title={isNew ? t`添加店铺` : t`修改 ${shop.name}`}
      okText={t`保存`}
      cancelText={t`返回`}
      onOk={form.submit}
      onCancel={onClose}
      confirmLoading={save.isPending}
      destroyOnHidden
      width={920}
    >
      <Refusal
        error={save.error}
        shopId={shop?.id}
        onReload={(fresh) => {
          form.setFieldsValue(draftOf(fresh));
          setVersion(fresh.version);
          save.reset();
        }}
        onInsist={(fresh) => {
          setVersion(fresh.version);
          send(form.getFieldsValue(true) as ShopDraft, fresh.version);
        }}
      />
      <Form<ShopDraft>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={initial}
        onFinish={finish}
        className="shop-form"
      >
        <div className="shop-fields">
          {isNew && <NewFields list={list} />}
          <Form.Item
            name="name"
            label={t`名称`}
            rules={[{ required: true, whitespace: true, message: t`请填名称` }]}
          >
            <Input maxLength={100} autoComplete="off" />
          </Form.Item>
          <div className="shop-pair">
            <Form.Item name="reserve_on" label={t`预占时机`}>
              <Select options={list.reserve_on.map(optionOf)} />
            </Form.Item>
            <Form.Item name="ttl_minutes" label={t`预占时长（分钟）`}>
              <InputNumber min={1} max={1440} precision={0} className="wide" />
            </Form.Item>
          </div>
          <Form.Item name="is_active" valuePropName="checked">
            <Checkbox>
              <Trans>启用</Trans>
            </Checkbox>
          </Form.Item>
          <Form.Item name="warehouses" label={t`供货仓库`} extra={t`不选表示全部仓库`}>
            <Select
              mode="multiple"
              options={list.warehouses.map(optionOf)}
              placeholder={t`全部仓库`}
            />
          </Form.Item>
          <Form.Item name="in_order" valuePropName="checked">
            <Checkbox>
              <Trans>按上面的顺序选仓（否则按收货地就近）</Trans>
            </Checkbox>
          </Form.Item>
          <RuleFields />
          <Exceptions categories={list.categories} />
        </div>
        <ShopPreview form={form} initial={initial} />
      </Form>
    </Modal>
  );
}

function optionOf(one: { code: string; label: string }) {
  return { value: one.code, label: one.label };
}

function NewFields({ list }: { list: ShopList }) {
  const { t } = useLingui();
  const words = t`小写字母、数字、横线或下划线，最多 40 位；保存后不能改`;
  return (
    <>
      <div className="shop-pair">
        <Form.Item
          name="id"
          label={t`编号`}
          extra={words}
          rules={[{ required: true, pattern: /^[a-z0-9][a-z0-9_-]{0,39}$/, message: words }]}
        >
          <Input maxLength={40} autoComplete="off" className="mono" />
        </Form.Item>
        <Form.Item name="channel" label={t`渠道`}>
          <Select options={list.channels.map(optionOf)} />
        </Form.Item>
      </div>
      <Form.Item name="is_observing" valuePropName="checked">
        <Checkbox>
          <Trans>先旁观：只记录一诺会怎么做，不改动任何外部系统</Trans>
        </Checkbox>
      </Form.Item>
    </>
  );
}

/** Why saving was refused; after another editor's change, look at it or save over it. */
function Refusal({
  error,
  shopId,
  onReload,
  onInsist,
}: {
  error: unknown;
  shopId: string | undefined;
  onReload: (fresh: Shop) => void;
  onInsist: (fresh: Shop) => void;
}) {
  const { t } = useLingui();
  const fresh = useShop(shopId ?? "");
  if (error === null || error === undefined) return null;
  const told = wordsOf(error);
  const isStale = error instanceof ApiError && error.code === "channels.shop_changed";
  const withFresh = (use: (shop: Shop) => void) =>
    void fresh.refetch().then((read) => read.data !== undefined && use(read.data));
  return (
    <Alert
      type="error"
      role="alert"
      className="modal-alert"
      title={told?.message ?? t`没有成功`}
      description={
        isStale ? (
          <span className="shop-tags">
            <Button size="small" onClick={() => withFresh(onReload)}>
              <Trans>载入现在的内容</Trans>
            </Button>
            <Button size="small" danger onClick={() => withFresh(onInsist)}>
              <Trans>仍保存我的修改</Trans>
            </Button>
          </span>
        ) : (
          told?.nextStep
        )
      }
    />
  );
}
