import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Today } from "@/api/types";
import { keys } from "@/live/invalidate";

/** The numbers of the day; the rail's counts and the page of today share them. */
export const todayQuery = queryOptions({
  queryKey: keys.today,
  queryFn: () => answer<Today>(api.GET("/api/v1/today")),
});
