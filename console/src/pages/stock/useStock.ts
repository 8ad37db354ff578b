/** Stock as the server knows it: the list, one SKU, and the comparison of all counters. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type {
  ConfirmedStockRepair,
  Reconciliation,
  StockItem,
  StockItemDetail,
  StockList,
  StockRepair,
  WantedStockRepair,
} from "@/api/types";
import { useCursorList } from "@/kit/useCursorList";
import { keys } from "@/live/invalidate";
import { queryOf, type StockFilters } from "./search";

export function useStock(filters: StockFilters) {
  const query = queryOf(filters);
  const list = useCursorList<StockItem, StockList>({
    queryKey: [...keys.stock, query],
    fetchPage: (cursor) =>
      answer<StockList>(
        api.GET("/api/v1/stock", {
          params: { query: cursor === undefined ? query : { ...query, cursor } },
        }),
      ),
  });
  return { ...list, query };
}

export function useSku(sku: string) {
  return useQuery({
    queryKey: keys.sku(sku),
    queryFn: () =>
      answer<StockItemDetail>(api.GET("/api/v1/stock/{sku}", { params: { path: { sku } } })),
  });
}

export function useReconcile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (repair: boolean) =>
      answer<Reconciliation>(api.POST("/api/v1/stock/reconcile", { body: { repair } })),
    onSuccess: (found) => {
      if (!found.repaired) return;
      void client.invalidateQueries({ queryKey: keys.stock });
      void client.invalidateQueries({ queryKey: ["sku"] });
    },
  });
}

export function usePreviewRepair() {
  return useMutation({
    mutationFn: (wanted: WantedStockRepair) =>
      answer<StockRepair>(api.POST("/api/v1/stock/repair/preview", { body: wanted })),
  });
}

export function useRepair() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (confirmed: ConfirmedStockRepair) =>
      answer<StockRepair>(api.POST("/api/v1/stock/repair", { body: confirmed })),
    onSettled: (_done, _error, confirmed) => {
      void client.invalidateQueries({ queryKey: keys.stock });
      void client.invalidateQueries({ queryKey: keys.sku(confirmed.sku) });
    },
  });
}
