/** Before every test file: Chinese words, and what happy-dom has not. */
import { i18n } from "@lingui/core";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { messages } from "../locales/zh/messages.po";

// Pages are loaded when they are visited; a busy machine takes its time.
configure({ asyncUtilTimeout: 15_000 });
i18n.loadAndActivate({ locale: "zh", messages });

beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal("SharedWorker", undefined);
  vi.stubGlobal("EventSource", undefined);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
