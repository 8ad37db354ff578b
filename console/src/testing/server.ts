/** A stand-in for the server in tests: answers by method and path, and remembers what was asked. */
import { vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

type Answer = { status?: number; body: unknown };
type Handler = (asked: Asked) => Answer;

/** Handlers by "GET /orders"; a path may end in "*". What has no handler answers 404. */
export function serve(handlers: Record<string, Handler | Answer>): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const url = new URL(request.url);
    const path = url.pathname.replace("/api/v1", "");
    const text = await request.text();
    const one = {
      method: request.method,
      path,
      query: url.searchParams,
      body: text === "" ? null : (JSON.parse(text) as unknown),
    };
    asked.push(one);
    const found = Object.entries(handlers).find(([key]) => fits(key, request.method, path))?.[1];
    const told = typeof found === "function" ? found(one) : (found ?? refusal(404, "不存在"));
    const status = told.status ?? 200;
    return new Response(status === 204 ? null : JSON.stringify(told.body), {
      status,
      headers: { "Content-Type": "application/json" },
    });
  });
  return asked;
}

function fits(key: string, method: string, path: string): boolean {
  const [wanted, pattern = ""] = key.split(" ");
  if (wanted !== method) return false;
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

export function refusal(status: number, message: string, next_step = ""): Answer {
  return { status, body: { error: { code: "test.refused", message, next_step, details: {} } } };
}
