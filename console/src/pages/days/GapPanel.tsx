/** What differs on one shop's day: each order with its sides, its cause and its repair. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Button, Popconfirm } from "antd";
import type { CertificateGap } from "@/api/types";
import { CopyButton } from "@/kit/CopyButton";
import { Money } from "@/kit/Money";
import { SidePanel } from "@/kit/SidePanel";
import { useMay } from "@/kit/session";
import { ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { difference } from "./days";
import { Stamp } from "./Proof";
import { useCertificate, useCompare, useRepair } from "./useDays";

export function GapPanel({
  shopId,
  day,
  onClose,
}: {
  shopId: string;
  day: string;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const found = useCertificate(shopId, day);
  const compare = useCompare(day);
  const may = useMay("payments.reconcile");
  const one = found.data?.certificate;
  const header = (
    <>
      <h2 className="panel-title">{one?.shop ?? shopId}</h2>
      <div className="panel-facts">
        <span className="mono">{day}</span>
        {one !== undefined && <Stamp one={one} />}
      </div>
    </>
  );
  return (
    <SidePanel label={t`完整性差异`} focusKey={shopId} header={header} onClose={onClose}>
      {found.data === undefined ? (
        found.isLoading ? (
          <LoadingState rows={6} />
        ) : (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : (
        <div className="gap-panel">
          {may && (
            <Button
              size="small"
              loading={compare.isPending}
              disabled={found.data.certificate.is_waiting}
              onClick={() => compare.mutate(shopId)}
            >
              <Trans>重新核对这家店</Trans>
            </Button>
          )}
          {found.data.certificate.doubts.map((doubt) => (
            <p className="proof-doubt" key={doubt}>
              {doubt}
            </p>
          ))}
          {found.data.gaps.length === 0 ? (
            <p className="section-empty">
              {found.data.certificate.colour === "green" && <Trans>逐单核对一致，没有差异。</Trans>}
              {found.data.certificate.colour === "amber" && (
                <Trans>没有逐单的差异，但还不能证明齐全。</Trans>
              )}
              {found.data.certificate.colour === null && <Trans>还没有核对完。</Trans>}
            </p>
          ) : (
            <ul className="gap-list">
              {found.data.gaps.map((gap) => (
                <Gap
                  key={`${gap.kind} ${gap.number}`}
                  gap={gap}
                  shopId={shopId}
                  day={day}
                  isWaiting={found.data.certificate.is_waiting}
                />
              ))}
            </ul>
          )}
        </div>
      )}
    </SidePanel>
  );
}

function Gap({
  gap,
  shopId,
  day,
  isWaiting,
}: {
  gap: CertificateGap;
  shopId: string;
  day: string;
  isWaiting: boolean;
}) {
  const { t } = useLingui();
  const may = useMay("payments.reconcile");
  const repair = useRepair(shopId, day);
  const by = difference(gap);
  const what = {
    pull: t`从平台重新取这张订单，已有的不会重复。`,
    push: t`把这张订单重新下发到 ERP；先查重，不会重复建单。`,
    take_back: t`在 ERP 撤回这张单据。`,
  };
  return (
    <li className="gap">
      <div className="gap-head">
        <strong>{gap.kind_label}</strong>
        <Tag tone={gap.cause === "unknown" ? "red" : "amber"}>{gap.cause_label}</Tag>
      </div>
      <div className="gap-number">
        {gap.order_id === null ? (
          <span className="mono">{gap.raw_number}</span>
        ) : (
          <Link to="/orders/$orderId" params={{ orderId: gap.order_id }} className="mono">
            {gap.raw_number}
          </Link>
        )}
        <CopyButton text={gap.raw_number} label={t`复制订单号`} />
      </div>
      <p className="gap-sides">
        {gap.channel_fen !== null && (
          <span>
            <Trans>
              平台 <Money fen={gap.channel_fen} />
            </Trans>
          </span>
        )}
        {gap.hub_fen !== null && (
          <span>
            <Trans>
              系统 <Money fen={gap.hub_fen} />
            </Trans>
          </span>
        )}
        {gap.erp_fen !== null && (
          <span>
            ERP <Money fen={gap.erp_fen} />
          </span>
        )}
        {by !== null && by !== 0 && (
          <span>
            <Trans>
              相差 <Money fen={by} />
            </Trans>
          </span>
        )}
      </p>
      {may && gap.repair !== null && (
        <Popconfirm
          title={gap.repair_label}
          description={what[gap.repair]}
          okText={t`执行`}
          cancelText={t`取消`}
          onConfirm={() => repair.mutate(gap)}
        >
          <Button size="small" loading={repair.isPending || (repair.isSuccess && isWaiting)}>
            {gap.repair_label}
          </Button>
        </Popconfirm>
      )}
    </li>
  );
}
