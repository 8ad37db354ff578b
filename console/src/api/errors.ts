/** What went wrong, in words the server chose for the reader, with what to do next. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly nextStep: string;
  readonly details: Record<string, unknown>;

  constructor(facts: {
    status: number;
    code: string;
    message: string;
    nextStep?: string;
    details?: Record<string, unknown>;
  }) {
    super(facts.message);
    this.name = "ApiError";
    this.status = facts.status;
    this.code = facts.code;
    this.nextStep = facts.nextStep ?? "";
    this.details = facts.details ?? {};
  }
}

/** The session is over, or there never was one. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** Another try may well succeed: nothing answered, or the server is not ready. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 502);
}

/** Read a refusal's body; any other shape becomes `otherwise`. */
export function errorFrom(status: number, body: unknown, otherwise: string): ApiError {
  const facts = refusalIn(body);
  if (facts === null)
    return new ApiError({ status, code: "console.unreadable", message: otherwise });
  return new ApiError({
    status,
    code: text(facts.code) || "console.unreadable",
    message: text(facts.message) || otherwise,
    nextStep: text(facts.next_step),
    details: isRecord(facts.details) ? facts.details : {},
  });
}

function refusalIn(body: unknown): Record<string, unknown> | null {
  if (!isRecord(body)) return null;
  return isRecord(body.error) ? body.error : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
