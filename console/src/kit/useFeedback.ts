/** Tell what a deed came to: a short word when it worked, the server's words when it did not. */
import { useLingui } from "@lingui/react/macro";
import { App } from "antd";
import { useMemo } from "react";
import { wordsOf } from "./states";

export function useFeedback() {
  const { message, notification } = App.useApp();
  const { t } = useLingui();
  return useMemo(
    () => ({
      done: (words: string) => void message.success(words),
      failed: (error: unknown) => {
        const told = wordsOf(error);
        notification.error({
          title: told?.message ?? t`没有成功`,
          description: told?.nextStep ?? t`请再试一次；仍不行请联系管理员。`,
          placement: "bottomRight",
        });
      },
    }),
    [message, notification, t],
  );
}
