/** Which language the reader chose, kept in the `lang` cookie so that the server speaks it too. */
import { i18n } from "@lingui/core";
import type { ConfigProviderProps } from "antd";

export type Language = "zh" | "en";
type KitWords = NonNullable<ConfigProviderProps["locale"]>;

const YEAR_SECONDS = 31_536_000;
let chosen: Language = "zh";
let kitWords: KitWords | undefined;

export function currentLanguage(): Language {
  return chosen;
}

export function languageFrom(cookie: string): Language {
  return /(?:^|;\s*)lang=en(?:;|$)/.test(cookie) ? "en" : "zh";
}

async function load(language: Language) {
  if (language === "en") {
    const [words, kit] = await Promise.all([
      import("../locales/en/messages.po"),
      import("antd/locale/en_US"),
    ]);
    return { messages: words.messages, kit: kit.default };
  }
  const [words, kit] = await Promise.all([
    import("../locales/zh/messages.po"),
    import("antd/locale/zh_CN"),
  ]);
  return { messages: words.messages, kit: kit.default };
}

/** Load a language's words and make it the page's own. */
export async function activateLanguage(language: Language): Promise<void> {
  const { messages, kit } = await load(language);
  chosen = language;
  kitWords = kit;
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
}

/** The words of antd's own controls, in the active language. */
export function currentKitWords(): KitWords | undefined {
  return kitWords;
}

/** Remember the reader's choice and switch to it. */
export async function chooseLanguage(language: Language): Promise<void> {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is absent on plain-http LAN addresses
  document.cookie = `lang=${language}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  await activateLanguage(language);
}
