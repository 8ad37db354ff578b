/** How queries behave everywhere: passing failures are tried again, a lost session signs out. */
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isPassing, isSignedOut } from "@/api/errors";
import { keys } from "@/live/invalidate";

const MOST_TRIES = 3;

export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const notice = (error: Error) => {
    if (!isSignedOut(error)) return;
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
    onSignedOut();
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: notice }),
    mutationCache: new MutationCache({ onError: notice }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 300_000,
        retry: (failures, error) => isPassing(error) && failures < MOST_TRIES,
        // Live hints keep things fresh; a tab that was away long is told to reset.
        refetchOnWindowFocus: false,
      },
      mutations: { retry: false },
    },
  });
  return client;
}
