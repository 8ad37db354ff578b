/** The rows of the order desk: paged by the server, fresh by hints, calm while somebody reads. */
import { useCallback, useMemo, useRef, useState } from "react";
import { answer, api } from "@/api/client";
import type { OrderList, OrderRow } from "@/api/types";
import { useCursorList } from "@/kit/useCursorList";
import { keys } from "@/live/invalidate";
import { type OrderFilters, queryOf } from "./search";
import { settle } from "./settle";

export function useDesk(filters: OrderFilters) {
  const query = queryOf(filters);
  const list = useCursorList<OrderRow, OrderList>({
    queryKey: [...keys.orders, query],
    fetchPage: (cursor) =>
      answer<OrderList>(
        api.GET("/api/v1/orders", {
          params: { query: cursor === undefined ? query : { ...query, cursor } },
        }),
      ),
  });
  const asked = JSON.stringify(query);
  const [isAway, setAway] = useState(false);
  const shown = useRef<{ asked: string; rows: OrderRow[] }>({ asked, rows: [] });
  const settled = useMemo(() => {
    const before = shown.current.asked === asked ? shown.current.rows : [];
    const now = settle(before, list.rows, isAway);
    shown.current = { asked, rows: now.rows };
    return now;
  }, [asked, list.rows, isAway]);
  const { isLong, restart } = list;
  const onAway = useCallback(
    (away: boolean) => {
      setAway(away);
      if (!away && isLong) restart();
    },
    [isLong, restart],
  );
  return { ...list, ...settled, query, onAway };
}
