import { CheckOutlined, RedoOutlined, RollbackOutlined, UserOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import type { WorkItem } from "@/api/types";
import { useMay } from "@/kit/session";
import { useFeedback } from "@/kit/useFeedback";
import type { DeedRunner } from "./useQueue";

/** What may be done with an item now; the server decides. */
export function Deeds({
  item,
  deed,
  onResolve,
}: {
  item: WorkItem;
  deed: DeedRunner;
  onResolve: () => void;
}) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const mayClear = useMay("exceptions.resolve");
  if (!mayClear) return null;
  const may = (what: WorkItem["actions"][number]) => item.actions.includes(what);
  const run = (kind: "claim" | "retry" | "reopen", words: string) =>
    deed.mutate({ kind, itemId: item.id }, { onSuccess: () => feedback.done(words) });
  const isRunning = (kind: string) =>
    deed.isPending && deed.variables.itemId === item.id && deed.variables.kind === kind;
  return (
    <div className="deeds">
      {may("retry") && (
        <Button
          icon={<RedoOutlined aria-hidden />}
          loading={isRunning("retry")}
          title={t`再试一次没做完的一步；原因消失后异常单会自己关闭`}
          onClick={() => run("retry", t`已开始重试，成功后异常单会自己关闭`)}
        >
          <Trans>重试</Trans>
        </Button>
      )}
      {may("claim") && (
        <Button
          icon={<UserOutlined aria-hidden />}
          loading={isRunning("claim")}
          onClick={() => run("claim", t`已认领，在“处理中”里`)}
        >
          <Trans>认领</Trans>
        </Button>
      )}
      {may("reopen") && (
        <Button
          icon={<RollbackOutlined aria-hidden />}
          loading={isRunning("reopen")}
          onClick={() => run("reopen", t`已放回待处理`)}
        >
          <Trans>放回队列</Trans>
        </Button>
      )}
      {may("resolve") && (
        <Button type="primary" icon={<CheckOutlined aria-hidden />} onClick={onResolve}>
          <Trans>处理完成</Trans>
        </Button>
      )}
    </div>
  );
}
