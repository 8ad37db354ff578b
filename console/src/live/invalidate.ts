/** Which queries a hint makes stale. Keys: [list] and [thing, id], see `keys`. */
import type { QueryClient } from "@tanstack/react-query";
import type { Hint, Topic } from "./protocol";

/** The first parts of all query keys; a page's own filters follow them. */
export const keys = {
  me: ["me"],
  today: ["today"],
  orders: ["orders"],
  order: (id: string) => ["order", id],
  stock: ["stock"],
  sku: (code: string) => ["sku", code],
  workItems: ["work-items"],
  connectors: ["connectors"],
  shops: ["shops"],
  payments: ["payments"],
  addresses: ["addresses"],
  messages: ["messages"],
  imports: ["imports"],
  days: ["days"],
  connectorCalls: (name: string) => ["connector-calls", name],
  sandboxes: ["sandboxes"],
  audit: ["audit"],
  users: ["users"],
  tokens: ["tokens"],
} as const;

const LISTS: Record<Topic, readonly (readonly string[])[]> = {
  order: [keys.orders, keys.today],
  stock: [keys.stock],
  work_item: [keys.workItems, keys.today, keys.payments],
  shop: [keys.shops],
  observed: [keys.shops],
  address: [keys.addresses, keys.today],
  message: [keys.messages, keys.today],
  certificate: [keys.days],
  connector: [keys.connectors, keys.sandboxes, ["connector-calls"]],
};

export function staleKeys(hints: readonly Hint[]): (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  const add = (key: readonly string[]) => found.set(key.join("\n"), key);
  for (const hint of hints) {
    for (const list of LISTS[hint.topic]) add(list);
    if (hint.topic === "order") add(keys.order(hint.id));
    if (hint.topic === "address") add(keys.order(hint.id));
    if (hint.topic === "stock") add(keys.sku(hint.id));
  }
  return [...found.values()];
}

/** A list with more pages than this waits for its reader instead of fetching them all again. */
export const MOST_LIVE_PAGES = 3;

export function invalidateFor(client: QueryClient, hints: readonly Hint[]): void {
  for (const queryKey of staleKeys(hints)) {
    void client.invalidateQueries({ queryKey, predicate: (query) => !isLong(query.state.data) });
    void client.invalidateQueries({
      queryKey,
      refetchType: "none",
      predicate: (query) => isLong(query.state.data),
    });
  }
}

function isLong(data: unknown): boolean {
  if (typeof data !== "object" || data === null) return false;
  const { pages } = data as { pages?: unknown };
  return Array.isArray(pages) && pages.length > MOST_LIVE_PAGES;
}
