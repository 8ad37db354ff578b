import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button } from "antd";
import type { Verification } from "@/api/types";
import { CopyButton } from "@/kit/CopyButton";
import { count } from "@/kit/format";
import type { useVerify } from "./useAudit";

type Verifying = ReturnType<typeof useVerify>;

export function VerifyButton({ verify }: { verify: Verifying }) {
  const { t } = useLingui();
  return (
    <Button
      icon={<SafetyCertificateOutlined />}
      loading={verify.isPending}
      title={t`从第一条起逐条核对校验码`}
      onClick={() => verify.mutate()}
    >
      <Trans>校验链</Trans>
    </Button>
  );
}

/** Whether the chain holds, and the head to keep elsewhere. */
export function VerifyResult({ found, onClose }: { found: Verification; onClose: () => void }) {
  const { t } = useLingui();
  const entries = count(found.entries);
  const at = found.broken_at === null ? "" : count(found.broken_at);
  if (!found.ok) {
    return (
      <Alert
        type="error"
        role="alert"
        showIcon
        title={t`链断了：第 ${at} 条对不上`}
        description={t`这条或它之前的审计记录被改过或删过。请保留数据库现状，联系 IT 管理员核对备份。`}
        closable={{ onClose, closeIcon: true }}
      />
    );
  }
  return (
    <Alert
      type="success"
      role="status"
      showIcon
      title={t`链是完整的：${entries} 条审计记录，一条不少，一字未改`}
      description={
        <span className="chain-head">
          <Trans>链头</Trans> <span className="mono">{found.head}</span>
          <CopyButton text={found.head} label={t`复制链头`} />
          <span className="quiet">
            <Trans>另存一份，以后可以证明最新的记录没有被截掉。</Trans>
          </span>
        </span>
      }
      closable={{ onClose, closeIcon: true }}
    />
  );
}
