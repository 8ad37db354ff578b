/** Which language the reader chose, kept in the `lang` cookie so that the server speaks it too. */
import { i18n } from "@lingui/core";

export type Language = "zh" | "en";

const YEAR_SECONDS = 31_536_000;
let chosen: Language = "zh";

export function currentLanguage(): Language {
  return chosen;
}

export function languageFrom(cookie: string): Language {
  return /(?:^|;\s*)lang=en(?:;|$)/.test(cookie) ? "en" : "zh";
}

/** Load a language's words and make it the page's own. */
export async function activateLanguage(language: Language): Promise<void> {
  const { messages } =
    language === "en"
      ? await import("../locales/en/messages.po")
      : await import("../locales/zh/messages.po");
  chosen = language;
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
}

/** Remember the reader's choice and switch to it. */
export async function chooseLanguage(language: Language): Promise<void> {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is absent on plain-http LAN addresses
  document.cookie = `lang=${language}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  await activateLanguage(language);
}
