import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { ChannelBoard } from "@/api/types";
import { keys } from "@/live/invalidate";

const EVERY_SECONDS = 20;

/** All channels as they stand; lags grow without an event, so it is asked again by itself. */
export function useBoard(days: number) {
  return useQuery({
    queryKey: [...keys.today, "board", days],
    refetchInterval: EVERY_SECONDS * 1000,
    queryFn: () =>
      answer<ChannelBoard>(api.GET("/api/v1/channels/board", { params: { query: { days } } })),
  });
}
