/** What the address pages ask and do. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api } from "@/api/client";
import type {
  AddressAlias,
  AddressAliasList,
  AddressLine,
  AddressReading,
  AddressReadingDetail,
  CorrectedAddress,
  CorrectionPreview,
  DoubtfulList,
  GeocoderDay,
  TriedAddress,
  WantedAlias,
} from "@/api/types";
import { useCursorList } from "@/kit/useCursorList";
import { keys } from "@/live/invalidate";

const SETTLE_MS = 150;

export function useDoubtful(isWanted: boolean) {
  return useCursorList<AddressReading, DoubtfulList>({
    queryKey: [...keys.addresses, "doubtful", isWanted],
    fetchPage: (cursor) =>
      answer<DoubtfulList>(
        api.GET("/api/v1/addresses/doubtful", {
          params: { query: cursor === undefined ? {} : { cursor } },
        }),
      ),
  });
}

export function useReading(orderId: string) {
  return useQuery({
    queryKey: [...keys.addresses, "one", orderId],
    queryFn: () =>
      answer<AddressReadingDetail>(
        api.GET("/api/v1/addresses/readings/{order_id}", {
          params: { path: { order_id: orderId } },
        }),
      ),
  });
}

/** A value as it is when it has not changed for a moment: not every key asks the server. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

export function useDivisions(words: string) {
  const q = useSettled(words.trim());
  const found = useQuery({
    queryKey: ["divisions", q],
    enabled: q !== "",
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const found = await answer<{ items: AddressLine[] }>(
        api.POST("/api/v1/addresses/divisions/search", { body: { q } }),
      );
      return found.items;
    },
  });
  // Enter must never take a place that was found for words typed before.
  const isCurrent = q === words.trim();
  return {
    lines: isCurrent ? (found.data ?? []) : [],
    isSearching: !isCurrent || found.isFetching,
  };
}

export interface Wish {
  code: string;
  alias: WantedAlias | null;
}

export function usePreview(orderId: string, wish: Wish | null) {
  const settled = useSettled(JSON.stringify(wish));
  const asked: Wish | null = JSON.parse(settled);
  const isAsked = asked?.alias != null && asked.alias.text.trim().length > 1;
  return useQuery({
    queryKey: [...keys.addresses, "preview", orderId, settled],
    enabled: isAsked,
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: () =>
      answer<CorrectionPreview>(
        api.POST("/api/v1/addresses/readings/{order_id}/preview", {
          params: { path: { order_id: orderId } },
          body: asked ?? { code: "000000" },
        }),
      ),
  });
}

export type Decision =
  | ({ kind: "correct"; revision: number; despite: boolean } & Wish)
  | { kind: "confirm"; revision: number };

export function useDecide(orderId: string) {
  const client = useQueryClient();
  const params = { path: { order_id: orderId } };
  return useMutation({
    mutationFn: async (decision: Decision): Promise<string[]> => {
      if (decision.kind === "confirm") {
        await answer(
          api.POST("/api/v1/addresses/readings/{order_id}/confirm", {
            params,
            body: { revision: decision.revision },
          }),
        );
        return [];
      }
      const done = await answer<CorrectedAddress>(
        api.POST("/api/v1/addresses/readings/{order_id}/correct", {
          params,
          body: {
            code: decision.code,
            revision: decision.revision,
            despite_conflicts: decision.despite,
            ...(decision.alias === null ? {} : { alias: decision.alias }),
          },
        }),
      );
      return done.settled.map((one) => one.order_id);
    },
    // Also after a refusal: it often means that somebody else was quicker.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.addresses });
      void client.invalidateQueries({ queryKey: keys.order(orderId) });
      void client.invalidateQueries({ queryKey: keys.workItems });
    },
  });
}

export function useTry() {
  return useMutation({
    mutationFn: (text: string) =>
      answer<TriedAddress>(api.POST("/api/v1/addresses/try", { body: { text, shop_id: "" } })),
  });
}

export function useAliases() {
  return useCursorList<AddressAlias, AddressAliasList>({
    queryKey: [...keys.addresses, "aliases"],
    fetchPage: (cursor) =>
      answer<AddressAliasList>(
        api.GET("/api/v1/addresses/aliases", {
          params: { query: cursor === undefined ? {} : { cursor } },
        }),
      ),
  });
}

export function useAccuracy() {
  return useQuery({
    queryKey: [...keys.addresses, "accuracy"],
    queryFn: () =>
      answer(api.GET("/api/v1/addresses/accuracy", { params: { query: { days: 30 } } })),
  });
}

/** How much of the day's calls to the map is used. */
export function useGeocoder() {
  return useQuery({
    queryKey: [...keys.addresses, "geocoder"],
    queryFn: () => answer<GeocoderDay>(api.GET("/api/v1/addresses/geocoder")),
  });
}
