/** Sign out and switch the language: what the user menu and the phone's menu both offer. */

import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { answer, api } from "@/api/client";
import { chooseLanguage } from "@/i18n/language";
import { useFeedback } from "@/kit/useFeedback";

export function useAccount() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const feedback = useFeedback();
  const { i18n } = useLingui();
  const other = i18n.locale === "en" ? "zh" : "en";
  return {
    otherLanguage: other === "en" ? "English" : "中文",
    switchLanguage: () => {
      // The server's words are in the old language: fetch everything anew.
      void chooseLanguage(other).then(() => client.invalidateQueries());
    },
    signOut: () => {
      answer<unknown>(api.DELETE("/api/v1/session")).then(
        () => {
          void navigate({ to: "/sign-in" }).then(() => client.clear());
        },
        (error: unknown) => feedback.failed(error),
      );
    },
  };
}
