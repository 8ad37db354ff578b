/** Days beside their bills, what differs on one of them, and the deeds on both. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type {
  PaymentDay,
  PaymentDayDetail,
  PaymentDayList,
  PaymentDifference,
  PaymentRepairPreview,
} from "@/api/types";
import { useCursorList } from "@/kit/useCursorList";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";

export function useDays() {
  return useCursorList<PaymentDay, PaymentDayList>({
    queryKey: [...keys.payments, "days"],
    fetchPage: (cursor) =>
      answer<PaymentDayList>(
        api.GET("/api/v1/payments/reconciliations", {
          params: { query: cursor === undefined ? {} : { cursor } },
        }),
      ),
  });
}

export function useDay(day: string) {
  return useCursorList<PaymentDifference, PaymentDayDetail>({
    queryKey: [...keys.payments, "day", day],
    fetchPage: (cursor) =>
      answer<PaymentDayDetail>(
        api.GET("/api/v1/payments/reconciliations/{day}", {
          params: { path: { day }, query: cursor === undefined ? {} : { cursor } },
        }),
      ),
  });
}

export function useStart() {
  const refresh = useRefresh();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: (day: string) =>
      answer<PaymentDay>(api.POST("/api/v1/payments/reconciliations", { body: { day } })),
    onError: (error) => feedback.failed(error),
    onSettled: refresh,
  });
}

export function usePreview() {
  const feedback = useFeedback();
  return useMutation({
    mutationFn: (id: string) =>
      answer<PaymentRepairPreview>(
        api.POST("/api/v1/payments/differences/{difference_id}/repair/preview", {
          params: { path: { difference_id: id } },
        }),
      ),
    onError: (error) => feedback.failed(error),
  });
}

export interface Settling {
  id: string;
  reason: string;
  /** What the preview showed, to be done; absent: the difference is accepted as it is. */
  token?: string;
}

export function useSettle() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, reason, token }: Settling) => {
      const params = { path: { difference_id: id } };
      return token === undefined
        ? answer<PaymentDifference>(
            api.POST("/api/v1/payments/differences/{difference_id}/accept", {
              params,
              body: { reason },
            }),
          )
        : answer<PaymentDifference>(
            api.POST("/api/v1/payments/differences/{difference_id}/repair", {
              params,
              body: { reason, token },
            }),
          );
    },
    onSettled: refresh,
  });
}

function useRefresh() {
  const client = useQueryClient();
  return () => {
    for (const queryKey of [keys.payments, keys.workItems, keys.today]) {
      void client.invalidateQueries({ queryKey });
    }
  };
}
