/** Who is signed in, and what that one may do. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Me, Permission } from "@/api/types";
import { keys } from "@/live/invalidate";

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: () => answer<Me>(api.GET("/api/v1/session")),
  staleTime: Number.POSITIVE_INFINITY,
});

export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}

export function useMay(permission: Permission): boolean {
  return useMe()?.permissions.includes(permission) ?? false;
}
