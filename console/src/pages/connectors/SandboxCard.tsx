import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useState } from "react";
import type { Fault, Sandbox } from "@/api/types";
import { useMay } from "@/kit/session";
import { Tag } from "@/kit/Tag";
import { useFeedback } from "@/kit/useFeedback";
import { FaultForm } from "./FaultForm";
import { type FaultKind, useFaultKinds } from "./labels";
import { SandboxState } from "./SandboxState";
import { useFaults } from "./useConnectors";

/** One stand-in: the faults that stand, more of them at a press, and what it remembers. */
export function SandboxCard({ sandbox }: { sandbox: Sandbox }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const may = useMay("sandbox.control");
  const faults = useFaults(sandbox.name);
  const [isAdding, setAdding] = useState(false);
  const standing = sandbox.faults;
  const clear = () =>
    faults.mutate(() => [], { onSuccess: () => feedback.done(t`${sandbox.label} 恢复正常了`) });
  return (
    <li className="sandbox sheet">
      <div className="sandbox-head">
        <h3>{sandbox.label}</h3>
        {standing.length === 0 ? (
          <Tag tone="green">
            <Trans>没有故障</Trans>
          </Tag>
        ) : (
          <Tag tone="amber">
            <Trans>{standing.length} 个故障</Trans>
          </Tag>
        )}
        <span className="top-space" />
        {may && standing.length > 0 && (
          <Button danger loading={faults.isPending} onClick={clear}>
            <Trans>全部清除</Trans>
          </Button>
        )}
        {may && (
          <Button
            icon={<PlusOutlined />}
            onClick={() => setAdding((before) => !before)}
            aria-expanded={isAdding}
          >
            <Trans>加故障</Trans>
          </Button>
        )}
      </div>
      {isAdding && (
        <FaultForm
          operations={sandbox.operations}
          isBusy={faults.isPending}
          onAdd={(fault) =>
            faults.mutate((now) => [...now, fault], {
              onSuccess: () => {
                setAdding(false);
                feedback.done(t`故障已生效`);
              },
            })
          }
          onClose={() => setAdding(false)}
        />
      )}
      {standing.length > 0 && (
        <ul className="faults">
          {standing.map((fault) => (
            <FaultLine
              key={fault.id}
              fault={fault}
              onRemove={
                may
                  ? () => faults.mutate((now) => now.filter((one) => one.id !== fault.id))
                  : undefined
              }
            />
          ))}
        </ul>
      )}
      <SandboxState sandbox={sandbox} />
    </li>
  );
}

function FaultLine({ fault, onRemove }: { fault: Fault; onRemove: (() => void) | undefined }) {
  const { t } = useLingui();
  const kinds = useFaultKinds();
  const kind = kinds[fault.kind as FaultKind];
  const percent = Math.round(fault.probability * 100);
  const label = kind?.label ?? fault.kind;
  return (
    <li>
      <Tag tone="amber" title={kind?.hint ?? ""}>
        {label}
      </Tag>
      <span className="mono">
        {fault.operation === "*" ? <Trans>全部操作</Trans> : fault.operation}
      </span>
      <span className="quiet fault-facts">
        {percent < 100 && <span>{percent}%</span>}
        {fault.seconds > 0 && <span>{t`${fault.seconds} 秒`}</span>}
        {fault.code !== null && <span className="mono">{fault.code}</span>}
        <span>{fault.times === null ? t`一直` : t`还有 ${fault.times} 次`}</span>
      </span>
      {onRemove !== undefined && (
        <Button
          type="text"
          size="small"
          icon={<DeleteOutlined />}
          aria-label={t`去掉故障：${label} ${fault.operation}`}
          onClick={onRemove}
        />
      )}
    </li>
  );
}
