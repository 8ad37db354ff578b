/** Ink, paper, jade, one seal: antd's tokens. The same values stand in styles/base.css. */
import type { ThemeConfig } from "antd";

const INK = "#1c2321";
const JADE = "#0f6b5f";
const LINE = "#e2e3dc";

export const FONT =
  '-apple-system, BlinkMacSystemFont, "PingFang SC", "HarmonyOS Sans SC", MiSans, ' +
  '"Microsoft YaHei UI", "Microsoft YaHei", "Source Han Sans SC", "Noto Sans CJK SC", sans-serif';

export const theme: ThemeConfig = {
  token: {
    colorPrimary: JADE,
    colorLink: JADE,
    colorInfo: "#2f6f9f",
    colorSuccess: "#2e7440",
    colorWarning: "#96610f",
    colorError: "#c2372b",
    colorSuccessBg: "#e8f2ea",
    colorSuccessBorder: "#bcd6c2",
    colorWarningBg: "#fbf1de",
    colorWarningBorder: "#e6d0a1",
    colorErrorBg: "#fbe9e6",
    colorErrorBorder: "#e8bcb5",
    colorInfoBg: "#e7f0f6",
    colorInfoBorder: "#bcd3e3",
    colorTextBase: INK,
    colorBgLayout: "#f6f6f3",
    colorBorder: "#d6d8d0",
    colorBorderSecondary: LINE,
    colorTextPlaceholder: "#6b7370",
    colorTextDescription: "#5b6360",
    colorTextTertiary: "#5b6360",
    borderRadius: 6,
    controlHeight: 30,
    fontSize: 13,
    fontFamily: FONT,
    motionDurationMid: "0.12s",
    motionDurationSlow: "0.15s",
    boxShadow: "0 6px 24px rgba(28, 35, 33, 0.12)",
    boxShadowSecondary: "0 6px 24px rgba(28, 35, 33, 0.12)",
  },
  components: {
    Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none" },
    Select: { optionSelectedBg: "#e2eeea", optionSelectedColor: INK },
    Menu: { itemSelectedBg: "#e2eeea", itemSelectedColor: JADE },
    Table: { headerBg: "#fafaf7", cellPaddingBlockSM: 7, headerColor: "#5b6360" },
    Modal: { titleFontSize: 15 },
    Form: { itemMarginBottom: 16, verticalLabelPadding: "0 0 4px" },
  },
};
