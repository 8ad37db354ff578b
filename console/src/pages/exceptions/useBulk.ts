/** One deed for many items, a few at a time, so that the way is seen and can be stopped. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { answer, api } from "@/api/client";
import type { AlikeItems, BulkResult, DeedResult, Resolution } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";

const AT_ONCE = 10;

export type BulkDeed =
  | { action: "claim" | "retry" | "reopen" }
  | { action: "resolve"; resolution: Resolution; note: string };

export interface BulkState {
  total: number;
  tried: number;
  refused: DeedResult[];
  isRunning: boolean;
}

/** The items that one fix may clear with this one, itself among them. */
export function useAlike(itemId: string, isAsked: boolean) {
  return useQuery({
    queryKey: [...keys.workItems, "alike", itemId],
    enabled: isAsked,
    queryFn: () =>
      answer<AlikeItems>(
        api.GET("/api/v1/work-items/{item_id}/alike", { params: { path: { item_id: itemId } } }),
      ),
  });
}

export function useBulk() {
  const client = useQueryClient();
  const feedback = useFeedback();
  const [state, setState] = useState<BulkState>();
  const isStopped = useRef(false);

  const run = async (ids: readonly string[], deed: BulkDeed): Promise<BulkState> => {
    isStopped.current = false;
    let now: BulkState = { total: ids.length, tried: 0, refused: [], isRunning: true };
    setState(now);
    try {
      for (let at = 0; at < ids.length && !isStopped.current; at += AT_ONCE) {
        const part = ids.slice(at, at + AT_ONCE);
        const { results } = await answer<BulkResult>(
          api.POST("/api/v1/work-items/bulk", { body: { note: "", ids: part, ...deed } }),
        );
        const refused = results.filter((one) => !one.is_done);
        now = { ...now, tried: at + part.length, refused: [...now.refused, ...refused] };
        setState(now);
      }
    } catch (error) {
      feedback.failed(error);
    }
    now = { ...now, isRunning: false };
    setState(now);
    void client.invalidateQueries({ queryKey: keys.workItems });
    void client.invalidateQueries({ queryKey: keys.today });
    return now;
  };

  const stop = () => {
    isStopped.current = true;
  };
  return { state, run, stop };
}

export type BulkRunner = ReturnType<typeof useBulk>;
