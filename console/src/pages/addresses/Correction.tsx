import { EyeOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { answer, api } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { AddressLine, AddressReadingDetail } from "@/api/types";
import { AddressReasons, doubtsOf } from "@/kit/AddressReasons";
import { Masked } from "@/kit/Masked";
import { ReasonModal } from "@/kit/ReasonModal";
import { Section } from "@/kit/Section";
import { SidePanel } from "@/kit/SidePanel";
import { useMay } from "@/kit/session";
import { ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { useFeedback } from "@/kit/useFeedback";
import { type AliasDraft, AliasWish, wishOf } from "./AliasWish";
import { Marked } from "./Marked";
import { PlaceChoice } from "./PlaceChoice";
import { percent } from "./search";
import { type Decision, useDecide, usePreview, useReading } from "./useAddresses";

/** One address to decide: what was written, what was read, and where it lies in truth. */
export function Correction({
  orderId,
  onClose,
  onDecided,
}: {
  orderId: string;
  onClose: () => void;
  onDecided: (settled: readonly string[]) => void;
}) {
  const { t } = useLingui();
  const { data: reading, error, refetch } = useReading(orderId);
  return (
    <SidePanel
      label={t`确认地址`}
      focusKey={orderId}
      onClose={onClose}
      header={
        <>
          <h2 className="panel-title">
            <Trans>确认地址</Trans>{" "}
            {reading !== undefined && (
              <Link to="/orders/$orderId" params={{ orderId }} className="mono">
                {reading.order_number}
              </Link>
            )}
          </h2>
          {reading !== undefined && (
            <div className="panel-facts">
              <Tag tone={reading.state === "doubtful" ? "amber" : "green"}>
                {reading.state_label}
              </Tag>
              <span className="quiet">
                <Trans>把握 {percent(reading.confidence)}</Trans>
              </span>
              {reading.decided_by !== "" && <span className="quiet">{reading.decided_by}</span>}
            </div>
          )}
        </>
      }
    >
      {reading === undefined && error === null && <LoadingState rows={6} />}
      {reading === undefined && error !== null && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {reading !== undefined && (
        <Deciding key={reading.revision} reading={reading} onDecided={onDecided} />
      )}
    </SidePanel>
  );
}

function Deciding({
  reading,
  onDecided,
}: {
  reading: AddressReadingDetail;
  onDecided: (settled: readonly string[]) => void;
}) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const may = useMay("addresses.correct");
  const decide = useDecide(reading.order_id);
  const [chosen, setChosen] = useState<AddressLine | null>(null);
  const [draft, setDraft] = useState<AliasDraft>({
    isOn: false,
    text: reading.alias_hint,
    scope: "everywhere",
  });
  const alias = wishOf(draft, reading.shop_id, chosen);
  const preview = usePreview(
    reading.order_id,
    chosen === null ? null : { code: chosen.code, alias },
  );
  const [isWarned, setWarned] = useState(false);
  const run = async (decision: Decision) => {
    try {
      const settled = await decide.mutateAsync(decision);
      const more = settled.length;
      feedback.done(more > 0 ? t`已保存，另有 ${more} 单一并确定` : t`已保存，订单会自动继续`);
      onDecided(settled);
    } catch (failure) {
      // Others object: the same button again, now conscious, goes on.
      if (failure instanceof ApiError && failure.code === "addresses.alias_conflicts") {
        setWarned(true);
      }
      feedback.failed(failure);
    }
  };
  const save = () => {
    if (chosen === null || decide.isPending || !may) return;
    const { revision } = reading;
    void run({ kind: "correct", revision, despite: isWarned, code: chosen.code, alias });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a short cut beside the button that saves
    <div
      className="correction"
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        event.stopPropagation();
        // A key held down is no second, conscious press.
        if (!event.repeat) save();
      }}
    >
      <Written reading={reading} />
      <Section title={t`系统判断`}>
        <div className="correction-part">
          <strong className="address-line">
            {reading.now.text === "" ? <Trans>看不出在哪里</Trans> : reading.now.text}
          </strong>
          <AddressReasons
            doubts={doubtsOf(
              reading.contradictions.map((one) => one.words),
              reading.doubt_label,
            )}
            evidence={reading.evidence.map((one) => one.words)}
          />
          {reading.geocoder !== "" && <span className="quiet">{reading.geocoder}</span>}
          {reading.line.code !== "" && may && (
            <Button
              onClick={() => void run({ kind: "confirm", revision: reading.revision })}
              loading={decide.isPending && decide.variables?.kind === "confirm"}
            >
              <Trans>就是这里：{reading.line.text}</Trans>
            </Button>
          )}
        </div>
      </Section>
      {may && (
        <Section title={t`实际在哪里`}>
          <div className="correction-part">
            <PlaceChoice
              candidates={reading.candidates.map((one) => one.line)}
              chosen={chosen}
              onChoose={(line) => {
                setChosen(line);
                // Another place has conflicts of its own.
                setWarned(false);
              }}
            />
            <AliasWish
              draft={draft}
              onChange={(next) => {
                setDraft(next);
                setWarned(false);
              }}
              preview={alias === null || chosen === null ? undefined : preview.data}
              error={alias === null ? null : preview.error}
            />
            <Button
              type="primary"
              danger={isWarned}
              disabled={chosen === null}
              loading={decide.isPending && decide.variables?.kind === "correct"}
              onClick={save}
            >
              {isWarned ? <Trans>知道冲突，仍要保存</Trans> : <Trans>保存（Ctrl Enter）</Trans>}
            </Button>
          </div>
        </Section>
      )}
    </div>
  );
}

/** What the channel wrote: masked, and whole for who says why. */
function Written({ reading }: { reading: AddressReadingDetail }) {
  const { t } = useLingui();
  const mayReveal = useMay("orders.reveal");
  const [isAsking, setAsking] = useState(false);
  const [whole, setWhole] = useState<string | null>(null);
  const reveal = async (reason: string) => {
    const told = await answer<{ detail: string }>(
      api.POST("/api/v1/addresses/readings/{order_id}/reveal", {
        params: { path: { order_id: reading.order_id } },
        body: { reason },
      }),
    );
    setWhole(told.detail);
  };
  return (
    <Section
      title={t`渠道原文`}
      aside={
        mayReveal && whole === null ? (
          <Button size="small" icon={<EyeOutlined aria-hidden />} onClick={() => setAsking(true)}>
            <Trans>查看完整信息</Trans>
          </Button>
        ) : undefined
      }
    >
      <div className="correction-part">
        {reading.stated_region !== "" && <span>{reading.stated_region}</span>}
        {whole === null ? (
          <span className="masked">
            <Marked
              text={reading.masked_text}
              evidence={reading.evidence}
              contradictions={reading.contradictions}
            />
          </span>
        ) : (
          <Marked
            text={whole}
            evidence={reading.evidence}
            contradictions={reading.contradictions}
          />
        )}
        {reading.stated_region === "" && reading.masked_text === "" && <Masked text="—" />}
      </div>
      <ReasonModal
        open={isAsking}
        title={t`查看完整地址`}
        hint={t`谁、什么时候、为什么看过，都会写进审计记录。`}
        suggestions={[t`确认收货地址`, t`买家来电核对地址`]}
        okText={t`查看`}
        onOk={reveal}
        onClose={() => setAsking(false)}
      />
    </Section>
  );
}
