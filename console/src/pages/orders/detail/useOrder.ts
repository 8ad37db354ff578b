/** One order, and the deeds on it: each answers with the order as it stands then. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { HoldReason, OrderDetail } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";

export function useOrder(orderId: string) {
  return useQuery({
    queryKey: keys.order(orderId),
    queryFn: () =>
      answer<OrderDetail>(
        api.GET("/api/v1/orders/{order_id}", { params: { path: { order_id: orderId } } }),
      ),
  });
}

export type OrderQuery = ReturnType<typeof useOrder>;

export type Deed =
  | { kind: "cancel"; reason: string }
  | { kind: "retry" }
  | { kind: "hold"; reason: HoldReason; note: string }
  | { kind: "release"; holdId: string }
  | { kind: "tag" | "untag"; tag: string };

function perform(orderId: string, deed: Deed): Promise<OrderDetail> {
  const path = { order_id: orderId };
  switch (deed.kind) {
    case "cancel":
      return answer(
        api.POST("/api/v1/orders/{order_id}/cancel", {
          params: { path },
          body: { reason: deed.reason },
        }),
      );
    case "retry":
      return answer(api.POST("/api/v1/orders/{order_id}/retry", { params: { path } }));
    case "hold":
      return answer(
        api.POST("/api/v1/orders/{order_id}/holds", {
          params: { path },
          body: { reason: deed.reason, note: deed.note },
        }),
      );
    case "release":
      return answer(
        api.DELETE("/api/v1/orders/{order_id}/holds/{hold_id}", {
          params: { path: { ...path, hold_id: deed.holdId } },
        }),
      );
    case "tag":
      return answer(
        api.PUT("/api/v1/orders/{order_id}/tags/{tag}", {
          params: { path: { ...path, tag: deed.tag } },
        }),
      );
    case "untag":
      return answer(
        api.DELETE("/api/v1/orders/{order_id}/tags/{tag}", {
          params: { path: { ...path, tag: deed.tag } },
        }),
      );
  }
}

export function useDeed(orderId: string) {
  const client = useQueryClient();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: (deed: Deed) => perform(orderId, deed),
    onSuccess: (order) => {
      client.setQueryData(keys.order(orderId), order);
      void client.invalidateQueries({ queryKey: keys.orders });
      void client.invalidateQueries({ queryKey: keys.today });
    },
    onError: (error) => {
      feedback.failed(error);
      // A refusal often means that the order is no longer what was shown.
      void client.invalidateQueries({ queryKey: keys.order(orderId) });
    },
  });
}

export type DeedRunner = ReturnType<typeof useDeed>;
