/** The outside systems, their calls, and the stand-ins with the faults that are set on them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { Connector, ConnectorCall, ConnectorCallList, Fault, SandboxList } from "@/api/types";
import { useCursorList } from "@/kit/useCursorList";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";

const WATCH_MS = 5_000;

export function useConnectors() {
  return useQuery({
    queryKey: keys.connectors,
    queryFn: () => answer<{ items: Connector[] }>(api.GET("/api/v1/connectors")),
  });
}

export function useCalls(name: string) {
  const path = { name };
  return useCursorList<ConnectorCall, ConnectorCallList>({
    queryKey: keys.connectorCalls(name),
    fetchPage: (cursor) =>
      answer<ConnectorCallList>(
        api.GET("/api/v1/connectors/{name}/calls", {
          params: cursor === undefined ? { path } : { path, query: { cursor } },
        }),
      ),
  });
}

export function useCheck(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/connectors/{name}/check", { params: { path: { name } } })),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.connectors });
      void client.invalidateQueries({ queryKey: keys.connectorCalls(name) });
    },
  });
}

/** Shows in a robot's group that the hub reaches it. */
export function useTestMessage(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/connectors/{name}/test-message", { params: { path: { name } } })),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.connectors });
      void client.invalidateQueries({ queryKey: keys.connectorCalls(name) });
    },
  });
}

function fetchSandboxes(): Promise<SandboxList> {
  return answer<SandboxList>(api.GET("/api/v1/sandboxes"));
}

/** Watched, as faults with a number of times count down by themselves. */
export function useSandboxes() {
  return useQuery({
    queryKey: keys.sandboxes,
    queryFn: fetchSandboxes,
    refetchInterval: (query) => (query.state.error === null ? WATCH_MS : false),
    retry: false,
  });
}

export function isNotInUse(error: unknown): boolean {
  return error instanceof ApiError && error.code === "sandbox.not_in_use";
}

export type FaultChange = (standing: readonly Fault[]) => Fault[];

/** Changes the faults of one stand-in as they stand at this moment, not as they were shown. */
export function useFaults(name: string) {
  const client = useQueryClient();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: async (change: FaultChange) => {
      const now = await fetchSandboxes();
      const standing = now.items.find((one) => one.name === name)?.faults ?? [];
      return answer(
        api.PUT("/api/v1/sandboxes/{name}/faults", {
          params: { path: { name } },
          body: { faults: change(standing) },
        }),
      );
    },
    onError: (error) => feedback.failed(error),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.sandboxes }),
  });
}
