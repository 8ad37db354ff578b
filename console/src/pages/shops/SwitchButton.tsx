import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal, Radio } from "antd";
import { useState } from "react";
import type { OpenOrders, Shop } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import { useSwitch } from "./useShops";

/** Switches a shop between observing and live, and says first what becomes of open orders. */
export function SwitchButton({ shop }: { shop: Shop }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const change = useSwitch();
  const [isOpen, setOpen] = useState(false);
  const [open, decide] = useState<OpenOrders>("close");
  const openOrders = shop.observed?.open ?? 0;
  const go = () =>
    change.mutate(
      {
        id: shop.id,
        version: shop.version,
        ...(shop.is_observing ? { openOrders: open } : {}),
      },
      {
        onSuccess: () => {
          setOpen(false);
          feedback.done(
            shop.is_observing ? t`${shop.name} 已正式运行` : t`${shop.name} 已转为旁观`,
          );
        },
      },
    );
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        {shop.is_observing ? <Trans>转为正式运行</Trans> : <Trans>转为旁观</Trans>}
      </Button>
      <Modal
        open={isOpen}
        title={shop.is_observing ? t`让 ${shop.name} 正式运行？` : t`让 ${shop.name} 只旁观？`}
        okText={shop.is_observing ? t`正式运行` : t`转为旁观`}
        cancelText={t`返回`}
        onOk={go}
        onCancel={() => setOpen(false)}
        confirmLoading={change.isPending}
        destroyOnHidden
      >
        {shop.is_observing ? (
          <>
            <p>
              <Trans>
                新订单从现在起由一诺预占库存、写入 ERP
                和仓库，并向店铺推送可售数。请先停掉原来的处理程序。
              </Trans>
            </p>
            {openOrders > 0 && (
              <>
                <p>
                  <Trans>还有 {openOrders} 张旁观订单没有处理结论：</Trans>
                </p>
                <Radio.Group
                  className="shop-choices"
                  value={open}
                  onChange={(event) => decide(event.target.value)}
                >
                  <Radio value="close">
                    <Trans>全部按旁观关闭：由原系统处理完，一诺以后也不处理</Trans>
                  </Radio>
                  <Radio value="one_by_one">
                    <Trans>逐张决定：在本页逐张接管或关闭，接管前请确认原系统没有发货</Trans>
                  </Radio>
                </Radio.Group>
              </>
            )}
          </>
        ) : (
          <p>
            <Trans>
              新订单从现在起只记录一诺会怎么做，不占库存、不调用
              ERP、仓库和店铺，也不再推送可售数。已经在处理的订单会照常做完。
            </Trans>
          </p>
        )}
      </Modal>
    </>
  );
}
