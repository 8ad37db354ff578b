/** Shops, what they would show, and what observing found. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type {
  NewShop,
  ObservedOrder,
  OpenOrders,
  Oversell,
  Shop,
  ShopChange,
  ShopList,
  ShopPreview,
  ShopPreviewBody,
} from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";

const WATCH_MS = 10_000;
const CATCHING_UP_MS = 2_000;

export function useShops() {
  return useQuery({
    queryKey: keys.shops,
    queryFn: () => answer<ShopList>(api.GET("/api/v1/shops")),
    refetchInterval: WATCH_MS,
  });
}

export function useShop(id: string) {
  return useQuery({
    queryKey: [...keys.shops, id],
    queryFn: () =>
      answer<Shop>(api.GET("/api/v1/shops/{shop_id}", { params: { path: { shop_id: id } } })),
    // A figure on its way is acknowledged within moments; nothing tells the page of that.
    refetchInterval: (query) =>
      (query.state.data?.lag?.unacknowledged ?? 0) > 0 ? CATCHING_UP_MS : WATCH_MS,
  });
}

export function usePreview(body: ShopPreviewBody, isReady: boolean) {
  return useQuery({
    queryKey: ["shop-preview", body],
    queryFn: () => answer<ShopPreview>(api.POST("/api/v1/shops/preview", { body })),
    enabled: isReady,
    placeholderData: (before) => before,
  });
}

export type Saving =
  | { kind: "add"; body: NewShop }
  | { kind: "change"; id: string; body: ShopChange };

export function useSaveShop() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (saving: Saving) =>
      saving.kind === "add"
        ? answer<Shop>(api.POST("/api/v1/shops", { body: saving.body }))
        : answer<Shop>(
            api.PUT("/api/v1/shops/{shop_id}", {
              params: { path: { shop_id: saving.id } },
              body: saving.body,
            }),
          ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.shops }),
  });
}

export interface Switching {
  id: string;
  version: number;
  /** What becomes of open observed orders; absent: the shop is only observed from now on. */
  openOrders?: OpenOrders;
}

export function useSwitch() {
  const client = useQueryClient();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: ({ id, version, openOrders }: Switching) => {
      const params = { path: { shop_id: id } };
      return openOrders === undefined
        ? answer(api.POST("/api/v1/shops/{shop_id}/observe", { params, body: { version } }))
        : answer(
            api.POST("/api/v1/shops/{shop_id}/go-live", {
              params,
              body: { version, open_orders: openOrders },
            }),
          );
    },
    onError: (error) => feedback.failed(error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.shops }),
  });
}

export function useDecide() {
  const client = useQueryClient();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: ({ orderId, deed }: { orderId: string; deed: "take-over" | "close" }) => {
      const params = { path: { order_id: orderId } };
      return deed === "close"
        ? answer(api.POST("/api/v1/observed/{order_id}/close", { params }))
        : answer(api.POST("/api/v1/observed/{order_id}/take-over", { params }));
    },
    onError: (error) => feedback.failed(error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.shops }),
  });
}

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

function usePages<T>(name: string, id: string, read: (cursor?: string) => Promise<Page<T>>) {
  return useInfiniteQuery({
    queryKey: [...keys.shops, id, name],
    queryFn: ({ pageParam }) => read(pageParam ?? undefined),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function useOversells(id: string) {
  return usePages<Oversell>("oversells", id, (cursor) =>
    answer<Page<Oversell>>(
      api.GET("/api/v1/shops/{shop_id}/observed/oversells", {
        params: { path: { shop_id: id }, query: cursor === undefined ? {} : { cursor } },
      }),
    ),
  );
}

export function useOpenOrders(id: string) {
  return usePages<ObservedOrder>("open", id, (cursor) =>
    answer<Page<ObservedOrder>>(
      api.GET("/api/v1/shops/{shop_id}/observed/orders", {
        params: {
          path: { shop_id: id },
          query: cursor === undefined ? { state: "open" } : { state: "open", cursor },
        },
      }),
    ),
  );
}
