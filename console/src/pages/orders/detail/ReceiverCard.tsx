import { EyeOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { answer, api } from "@/api/client";
import type { OrderDetail, Receiver } from "@/api/types";
import { CopyButton } from "@/kit/CopyButton";
import { Masked } from "@/kit/Masked";
import { ReasonModal } from "@/kit/ReasonModal";
import { Section } from "@/kit/Section";

const SHOWN_MS = 60_000;

export function addressOf(receiver: Receiver): string {
  const { province, city, district, town, detail } = receiver;
  // Beijing, Shanghai, Tianjin and Chongqing name the city twice.
  return [province, city === province ? "" : city, district, town, detail]
    .filter(Boolean)
    .join(" ");
}

/** The receiver with stars; the whole one for a minute, after a reason that is audited. */
export function ReceiverCard({ order }: { order: OrderDetail }) {
  const { t } = useLingui();
  const [isAsking, setAsking] = useState(false);
  const [revealed, setRevealed] = useState<Receiver | null>(null);
  useEffect(() => {
    if (revealed === null) return;
    const timer = setTimeout(() => setRevealed(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [revealed]);
  const receiver = revealed ?? order.receiver;
  const address = addressOf(receiver);
  const reveal = async (reason: string) => {
    setRevealed(
      await answer<Receiver>(
        api.POST("/api/v1/orders/{order_id}/reveal", {
          params: { path: { order_id: order.id } },
          body: { reason },
        }),
      ),
    );
  };
  return (
    <Section
      title={t`收货`}
      aside={
        order.allowed.includes("reveal") && revealed === null ? (
          <Button size="small" icon={<EyeOutlined aria-hidden />} onClick={() => setAsking(true)}>
            <Trans>查看完整信息</Trans>
          </Button>
        ) : revealed !== null ? (
          <span className="quiet">
            <Trans>一分钟后自动隐藏</Trans>
          </span>
        ) : undefined
      }
    >
      <div className="receiver">
        {revealed === null ? (
          <>
            <span>
              <Masked text={receiver.name} /> <Masked text={receiver.phone} />
            </span>
            <Masked text={address} />
          </>
        ) : (
          <>
            <span>
              {receiver.name} <span className="mono">{receiver.phone}</span>
              <CopyButton
                text={`${receiver.name} ${receiver.phone} ${address}`}
                label={t`复制收货信息`}
              />
            </span>
            <span>{address}</span>
            {receiver.stated !== "" && (
              <span className="quiet">
                <Trans>渠道原文：{receiver.stated}</Trans>
              </span>
            )}
          </>
        )}
      </div>
      <ReasonModal
        open={isAsking}
        title={t`查看完整收货信息`}
        hint={t`谁、什么时候、为什么看过，都会写进审计记录。`}
        suggestions={[t`买家来电核对地址`, t`补发或换货`, t`快递员联系不上买家`]}
        okText={t`查看`}
        onOk={reveal}
        onClose={() => setAsking(false)}
      />
    </Section>
  );
}
