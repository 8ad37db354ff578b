import { useLingui } from "@lingui/react/macro";

/** Text in which the server has put stars for what the reader may not see without a reason. */
export function Masked({ text }: { text: string }) {
  const { t } = useLingui();
  return (
    <span className="masked" title={t`已打码`}>
      {text}
    </span>
  );
}
