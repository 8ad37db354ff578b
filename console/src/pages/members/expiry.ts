import type { Token } from "@/api/types";

export type TokenState = "valid" | "expired" | "revoked";

export function tokenState(
  token: Pick<Token, "expires_at" | "revoked_at">,
  now: number,
): TokenState {
  if (token.revoked_at !== null) return "revoked";
  if (token.expires_at !== null && Date.parse(token.expires_at) <= now) return "expired";
  return "valid";
}

const DAY_MS = 86_400_000;

/** The moment `days` from now; null for never. */
export function expiryIn(days: number, now: number): string | null {
  return days === 0 ? null : new Date(now + days * DAY_MS).toISOString();
}
