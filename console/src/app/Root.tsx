/** Everything around the router: theme, language, data. */
import { i18n } from "@lingui/core";
import { I18nProvider, useLingui } from "@lingui/react";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
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
  const { i18n: words } = useLingui();
  return (
    <ConfigProvider
      theme={theme}
      locale={words.locale === "en" ? enUS : zhCN}
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
