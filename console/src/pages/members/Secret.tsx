import { useLingui } from "@lingui/react/macro";
import { Alert, Button, Modal } from "antd";
import { CopyButton } from "@/kit/CopyButton";

export interface SecretFacts {
  title: string;
  words: string;
  secret: string;
}

/** Shows a password or a token this once; closing it is the end of it. */
export function SecretModal({
  shown,
  onClose,
}: {
  shown: SecretFacts | undefined;
  onClose: () => void;
}) {
  const { t } = useLingui();
  return (
    <Modal
      open={shown !== undefined}
      title={shown?.title}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      width={480}
      footer={
        <Button type="primary" onClick={onClose}>
          {t`我已存好，关闭`}
        </Button>
      }
    >
      <p className="modal-hint">{shown?.words}</p>
      <div className="secret sheet">
        <code className="mono">{shown?.secret}</code>
        <CopyButton text={shown?.secret ?? ""} label={t`复制`} />
      </div>
      <Alert type="warning" title={t`只显示这一次，关闭后再也看不到。`} />
    </Modal>
  );
}
