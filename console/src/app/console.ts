/** The console's parts, joined: whoever loses the session goes to sign in and comes back. */
import type { QueryClient } from "@tanstack/react-query";
import { makeQueryClient } from "./queries";
import { makeRouter } from "./router";

const SIGN_IN = "/sign-in";

export interface Console {
  router: ReturnType<typeof makeRouter>;
  client: QueryClient;
}

export function makeConsole(): Console {
  const router = makeRouter();
  let isLeaving = false;
  const client = makeQueryClient(() => {
    const { pathname, href } = router.latestLocation;
    // Several calls are refused at once; only the first one's address is where to come back to.
    if (isLeaving || pathname === SIGN_IN) return;
    isLeaving = true;
    void router.navigate({ to: SIGN_IN, search: { back: href }, replace: true }).finally(() => {
      isLeaving = false;
      client.clear();
    });
  });
  return { router, client };
}
