/** Everything around the router: theme, language, data. */
import { i18n } from "@lingui/core";
import { I18nProvider, useLingui } from "@lingui/react";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App, ConfigProvider } from "antd";
import { currentKitWords } from "@/i18n/language";
import type { makeRouter } from "./router";
import { theme } from "./theme";

export function Root(props: { client: QueryClient; router: ReturnType<typeof makeRouter> }) {
  return (
    <I18nProvider i18n={i18n}>
      <Localized {...props} />
    </I18nProvider>
  );
}

function Localized({ client, router }: Parameters<typeof Root>[0]) {
  useLingui(); // renders anew when the language changes
  const kitWords = currentKitWords();
  return (
    <ConfigProvider
      theme={theme}
      {...(kitWords === undefined ? {} : { locale: kitWords })}
      button={{ autoInsertSpace: false }}
    >
      <App component={false}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  );
}
