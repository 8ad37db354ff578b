/** What an entry changed, field by field. */
export interface Difference {
  field: string;
  before: string;
  after: string;
  isChanged: boolean;
}

/** The fields of both sides, those that changed first; a plain value is one field without a name. */
export function differences(before: unknown, after: unknown): Difference[] {
  const old = fieldsOf(before);
  const now = fieldsOf(after);
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names]
    .map((field) => {
      const [was, is] = [old.get(field) ?? "", now.get(field) ?? ""];
      return { field, before: was, after: is, isChanged: was !== is };
    })
    .sort((one, other) => Number(other.isChanged) - Number(one.isChanged));
}

function fieldsOf(value: unknown, under = ""): Map<string, string> {
  const fields = new Map<string, string>();
  if (value === null || value === undefined) return fields;
  if (typeof value !== "object" || Array.isArray(value)) {
    fields.set(under, plain(value));
    return fields;
  }
  for (const [name, one] of Object.entries(value)) {
    const path = under === "" ? name : `${under}.${name}`;
    if (isRecord(one)) for (const [key, words] of fieldsOf(one, path)) fields.set(key, words);
    else fields.set(path, plain(one));
  }
  return fields;
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
