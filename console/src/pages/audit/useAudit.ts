import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { AuditEntry, AuditList, Verification } from "@/api/types";
import { useCursorList } from "@/kit/useCursorList";
import { keys } from "@/live/invalidate";
import { type AuditFilters, queryOf } from "./search";

export function useAudit(filters: AuditFilters) {
  const query = queryOf(filters);
  return useCursorList<AuditEntry, AuditList>({
    queryKey: [...keys.audit, query],
    fetchPage: (cursor) =>
      answer<AuditList>(
        api.GET("/api/v1/audit", {
          params: { query: cursor === undefined ? query : { ...query, cursor } },
        }),
      ),
  });
}

/** Verify the whole chain; the verification is an entry itself. */
export function useVerify() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answer<Verification>(api.POST("/api/v1/audit/verify", { body: null })),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.audit }),
  });
}
