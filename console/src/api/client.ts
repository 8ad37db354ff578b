/** The only way to the server: typed paths, the reader's language, one kind of error. */
import { t } from "@lingui/core/macro";
import createClient, { type Middleware } from "openapi-fetch";
import { currentLanguage } from "@/i18n/language";
import { observeServerTime } from "@/kit/clock";
import { ApiError, errorFrom } from "./errors";
import type { Paths } from "./types";

const everyCall: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", currentLanguage());
    request.headers.set("X-Yinuo-Console", "1");
    return request;
  },
  onResponse({ response }) {
    observeServerTime(response.headers.get("date"));
  },
  onError() {
    return new ApiError({
      status: 0,
      code: "console.offline",
      message: t`连不上服务器`,
      nextStep: t`请检查网络；恢复后页面会自动更新。`,
    });
  },
};

export const api = createClient<Paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  credentials: "same-origin",
  fetch: (request) => globalThis.fetch(request),
});
api.use(everyCall);

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Return the body of a successful call; anything else is thrown as an ApiError. */
export async function answer<T>(call: Promise<Answered<T>>): Promise<T> {
  let told: Answered<T>;
  try {
    told = await call;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw unreadable(0);
  }
  if (told.response.ok) return told.data as T;
  throw errorFrom(told.response.status, told.error, unreadable(told.response.status).message);
}

function unreadable(status: number): ApiError {
  return new ApiError({
    status,
    code: "console.unreadable",
    message: t`服务器的回答看不懂（${status}）。请稍后再试；仍不行请联系管理员。`,
  });
}
