import { PauseCircleOutlined, RedoOutlined, StopOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useState } from "react";
import type { OrderDetail } from "@/api/types";
import { ReasonModal } from "@/kit/ReasonModal";
import { useFeedback } from "@/kit/useFeedback";
import { HoldModal } from "./HoldModal";
import type { DeedRunner } from "./useOrder";

/** What this reader may do with the order now; the server decides. */
export function Actions({ order, deed }: { order: OrderDetail; deed: DeedRunner }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const [asking, setAsking] = useState<"cancel" | "hold" | null>(null);
  const may = (what: OrderDetail["allowed"][number]) => order.allowed.includes(what);
  const isSent = order.documents.some((document) => document.state !== "cancelled");
  return (
    <div className="order-actions">
      {may("retry") && (
        <Button
          icon={<RedoOutlined aria-hidden />}
          loading={deed.isPending && deed.variables.kind === "retry"}
          title={t`从没做完的一步接着做；做过的不会重复`}
          onClick={() =>
            deed.mutate({ kind: "retry" }, { onSuccess: () => feedback.done(t`已重新开始下发`) })
          }
        >
          <Trans>重试下发</Trans>
        </Button>
      )}
      {may("hold") && (
        <Button icon={<PauseCircleOutlined aria-hidden />} onClick={() => setAsking("hold")}>
          <Trans>挂起</Trans>
        </Button>
      )}
      {may("cancel") && (
        <Button danger icon={<StopOutlined aria-hidden />} onClick={() => setAsking("cancel")}>
          <Trans>取消订单</Trans>
        </Button>
      )}
      <ReasonModal
        open={asking === "cancel"}
        title={t`取消订单 ${order.number}`}
        hint={
          isSent
            ? t`会先撤回 ERP 和仓库里的单据，再释放库存。取消后不能恢复；仓库已在拣货时会被拒绝。`
            : t`会释放占着的库存。取消后不能恢复。`
        }
        suggestions={[t`买家不想要了`, t`重复下单`, t`长期缺货`]}
        okText={t`取消订单，不能恢复`}
        isDangerous
        onOk={async (reason) => {
          await deed.mutateAsync({ kind: "cancel", reason });
          feedback.done(t`已开始取消`);
        }}
        onClose={() => setAsking(null)}
      />
      <HoldModal
        open={asking === "hold"}
        order={order}
        deed={deed}
        onClose={() => setAsking(null)}
      />
    </div>
  );
}
