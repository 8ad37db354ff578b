import { describe, expect, it } from "vitest";
import { expiryIn, tokenState } from "./expiry";
import { generatedPassword } from "./password";

describe("generatedPassword", () => {
  it("has sixteen letters that do not look alike", () => {
    const password = generatedPassword();
    expect(password).toMatch(/^[a-km-zA-HJKMNP-Z2-9]{16}$/);
    expect(password).not.toMatch(/[ilo01IOL]/);
    expect(generatedPassword()).not.toBe(password);
  });

  it("throws away bytes that would favour the first letters", () => {
    const bytes = [new Uint8Array([255, 254, 0]), new Uint8Array(20).fill(1)];
    expect(generatedPassword(() => bytes.shift() ?? new Uint8Array())).toBe(`a${"b".repeat(15)}`);
  });
});

describe("tokens", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");

  it("are valid until they expire or are revoked", () => {
    const at = "2026-11-22T12:00:00Z";
    expect(tokenState({ expires_at: null, revoked_at: null }, now)).toBe("valid");
    expect(tokenState({ expires_at: at, revoked_at: null }, now)).toBe("expired");
    expect(tokenState({ expires_at: null, revoked_at: at }, now)).toBe("revoked");
  });

  it("expire after so many days, or never", () => {
    expect(expiryIn(30, now)).toBe("2026-12-22T12:00:00.000Z");
    expect(expiryIn(0, now)).toBeNull();
  });
});
