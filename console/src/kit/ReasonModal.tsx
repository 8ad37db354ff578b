import { useLingui } from "@lingui/react/macro";
import { Alert, Button, Input, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { wordsOf } from "./states";

const MOST_LETTERS = 200;

/** Asks why before it does something; stays open and says what went wrong when it fails. */
export function ReasonModal(props: {
  open: boolean;
  title: string;
  hint: ReactNode;
  suggestions: readonly string[];
  okText: string;
  isDangerous?: boolean;
  onOk: (reason: string) => Promise<unknown>;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const close = () => {
    setReason("");
    setError(null);
    props.onClose();
  };
  const confirm = async () => {
    setBusy(true);
    try {
      await props.onOk(reason.trim());
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const told = wordsOf(error);
  return (
    <Modal
      open={props.open}
      title={props.title}
      okText={props.okText}
      cancelText={t`返回`}
      onOk={() => void confirm()}
      onCancel={close}
      confirmLoading={isBusy}
      okButtonProps={{ disabled: reason.trim() === "", danger: props.isDangerous === true }}
      destroyOnHidden
      width={460}
    >
      <p className="modal-hint">{props.hint}</p>
      {error !== null && (
        <Alert
          type="error"
          role="alert"
          title={told?.message ?? t`没有成功`}
          description={told?.nextStep}
          style={{ marginBottom: 12 }}
        />
      )}
      <Input.TextArea
        autoFocus
        rows={2}
        maxLength={MOST_LETTERS}
        value={reason}
        placeholder={t`写下原因`}
        aria-label={t`原因`}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="suggestions">
        {props.suggestions.map((suggestion) => (
          <Button key={suggestion} size="small" onClick={() => setReason(suggestion)}>
            {suggestion}
          </Button>
        ))}
      </div>
    </Modal>
  );
}
