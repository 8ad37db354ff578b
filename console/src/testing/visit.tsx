/** Opens the whole console at an address, as a browser does. */
import { createMemoryHistory } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { makeConsole } from "@/app/console";
import { Root } from "@/app/Root";

export function visit(path: string) {
  const { router, client } = makeConsole();
  router.update({ history: createMemoryHistory({ initialEntries: [path] }) });
  client.setDefaultOptions({ queries: { retry: false } });
  return { router, client, ...render(<Root client={client} router={router} />) };
}
