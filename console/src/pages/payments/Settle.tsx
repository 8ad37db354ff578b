import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useState } from "react";
import type { PaymentDifference, PaymentRepairPreview } from "@/api/types";
import { ReasonModal } from "@/kit/ReasonModal";
import { useFeedback } from "@/kit/useFeedback";
import { usePreview, useSettle } from "./usePayments";

/** Asks the provider first, shows what would be done, and does exactly that; or accepts it. */
export function Settle({ item }: { item: PaymentDifference }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const preview = usePreview();
  const settle = useSettle();
  const [plan, setPlan] = useState<PaymentRepairPreview | null>(null);
  const [isAccepting, setAccepting] = useState(false);
  const canTakeIn = plan !== null && plan.deed !== "nothing";
  const close = () => {
    setPlan(null);
    setAccepting(false);
  };
  return (
    <div className="pay-deeds">
      <Button
        size="small"
        loading={preview.isPending}
        onClick={() => preview.mutate(item.id, { onSuccess: setPlan })}
      >
        <Trans>向支付平台查询</Trans>
      </Button>
      <Button size="small" type="text" onClick={() => setAccepting(true)}>
        <Trans>认可差异</Trans>
      </Button>
      <ReasonModal
        open={plan !== null || isAccepting}
        title={canTakeIn ? t`补账` : t`认可差异`}
        hint={
          <>
            <span className="pay-hint">{item.why}</span>
            {plan === null ? (
              <Trans>认可后不改任何账，只记下原因；金额再变时会重新出现。</Trans>
            ) : (
              plan.effect
            )}
          </>
        }
        suggestions={
          canTakeIn ? [t`支付通知没有收到`] : [t`已在支付平台核对`, t`平台次日账单会补出`]
        }
        okText={canTakeIn ? t`确认补账` : t`确认认可`}
        onOk={async (reason) => {
          await settle.mutateAsync({
            id: item.id,
            reason,
            ...(canTakeIn ? { token: plan.token } : {}),
          });
          feedback.done(canTakeIn ? t`已补账，已记入审计` : t`已认可，已记入审计`);
        }}
        onClose={close}
      />
    </div>
  );
}
