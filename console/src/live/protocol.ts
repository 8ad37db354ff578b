/** What the one connection and the tabs say to each other. Hints name what changed, never how. */
export type Topic =
  | "order"
  | "stock"
  | "work_item"
  | "connector"
  | "shop"
  | "observed"
  | "address"
  | "message"
  | "certificate";

export interface Hint {
  topic: Topic;
  id: string;
}

export type LiveState = "connecting" | "live" | "lost";

export type FromConnection =
  | { kind: "state"; state: LiveState }
  | { kind: "hint"; hint: Hint }
  | { kind: "reset" };

export type FromTab = { kind: "join" } | { kind: "leave" };

const TOPICS: readonly string[] = [
  "order",
  "stock",
  "work_item",
  "connector",
  "shop",
  "observed",
  "address",
  "message",
  "certificate",
];

/** Read a hint's data; what cannot be read is null and is left out. */
export function hintFrom(data: string): Hint | null {
  try {
    const read: unknown = JSON.parse(data);
    if (typeof read !== "object" || read === null) return null;
    const { topic, id } = read as { topic?: unknown; id?: unknown };
    if (typeof topic !== "string" || typeof id !== "string" || !TOPICS.includes(topic)) return null;
    return { topic: topic as Topic, id };
  } catch {
    return null;
  }
}
