/** Passwords and the like that a machine chooses: long, and without letters that look alike. */
const LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
const LENGTH = 16;

/** Every letter is as likely as every other: bytes past the last whole turn are thrown away. */
export function generatedPassword(
  randomBytes: () => Uint8Array = () => crypto.getRandomValues(new Uint8Array(64)),
): string {
  const fair = 256 - (256 % LETTERS.length);
  let password = "";
  while (password.length < LENGTH) {
    for (const byte of randomBytes()) {
      if (byte < fair && password.length < LENGTH) password += LETTERS[byte % LETTERS.length];
    }
  }
  return password;
}
