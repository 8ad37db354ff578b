import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { OrderList, OrderSort, OrderView } from "@/api/types";
import { keys } from "@/live/invalidate";

export function useOrders(query: { view?: OrderView; sort: OrderSort; limit: number }) {
  return useQuery({
    queryKey: [...keys.orders, "today", query],
    queryFn: () => answer<OrderList>(api.GET("/api/v1/orders", { params: { query } })),
  });
}
