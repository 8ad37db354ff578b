/** The exception queue, and the deeds on its items: each answers with the item as it stands then. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Resolution, WorkItem, WorkItemList } from "@/api/types";
import { useCursorList } from "@/kit/useCursorList";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";
import { type QueueFilters, queryOf } from "./search";

export function useQueue(filters: QueueFilters) {
  const query = queryOf(filters);
  const list = useCursorList<WorkItem, WorkItemList>({
    queryKey: [...keys.workItems, query],
    fetchPage: (cursor) =>
      answer<WorkItemList>(
        api.GET("/api/v1/work-items", {
          params: { query: cursor === undefined ? query : { ...query, cursor } },
        }),
      ),
  });
  return { ...list, query };
}

/** One item by its id, also when the list beside it shows other ones. */
export function useItem(itemId: string) {
  return useQuery({
    queryKey: [...keys.workItems, "one", itemId],
    queryFn: () =>
      answer<WorkItem>(
        api.GET("/api/v1/work-items/{item_id}", { params: { path: { item_id: itemId } } }),
      ),
  });
}

export type Deed =
  | { kind: "claim" | "retry" | "reopen"; itemId: string }
  | { kind: "resolve"; itemId: string; resolution: Resolution; note: string };

function perform(deed: Deed): Promise<WorkItem> {
  const params = { path: { item_id: deed.itemId } };
  switch (deed.kind) {
    case "claim":
      return answer(api.POST("/api/v1/work-items/{item_id}/claim", { params }));
    case "retry":
      return answer(api.POST("/api/v1/work-items/{item_id}/retry", { params }));
    case "reopen":
      return answer(api.POST("/api/v1/work-items/{item_id}/reopen", { params }));
    case "resolve":
      return answer(
        api.POST("/api/v1/work-items/{item_id}/resolve", {
          params,
          body: { resolution: deed.resolution, note: deed.note },
        }),
      );
  }
}

export function useDeed() {
  const client = useQueryClient();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: perform,
    onError: (error) => feedback.failed(error),
    // Also after a refusal: it often means that the item is no longer what was shown.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.workItems });
      void client.invalidateQueries({ queryKey: keys.today });
    },
  });
}

export type DeedRunner = ReturnType<typeof useDeed>;
