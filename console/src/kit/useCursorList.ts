/** A list that the server pages by cursor, kept fresh by hints without growing costs. */
import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { MOST_LIVE_PAGES } from "@/live/invalidate";

interface CursorPage<Row> {
  items: Row[];
  next_cursor?: string | null | undefined;
}

export function useCursorList<Row, Page extends CursorPage<Row>>(options: {
  queryKey: readonly unknown[];
  fetchPage: (cursor: string | undefined) => Promise<Page>;
}) {
  const query = useInfiniteQuery({
    queryKey: options.queryKey,
    queryFn: ({ pageParam }) => options.fetchPage(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const client = useQueryClient();
  const { fetchNextPage, hasNextPage, isFetchingNextPage, data } = query;
  const pages = data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  const { queryKey } = options;
  const isLong = (pages?.length ?? 0) > MOST_LIVE_PAGES;
  const restart = useCallback(() => {
    client.setQueryData<InfiniteData<Page, string | undefined>>(queryKey, (before) =>
      before === undefined
        ? before
        : { pages: before.pages.slice(0, 1), pageParams: before.pageParams.slice(0, 1) },
    );
    void client.invalidateQueries({ queryKey, exact: true });
  }, [client, queryKey]);
  return {
    rows,
    /** Too long to be renewed by hints: `restart` goes back to its first page, fresh. */
    isLong,
    restart,
    first: pages?.[0] as Page | undefined,
    error: query.error,
    isLoading: query.isPending,
    isStale: query.isPlaceholderData,
    hasMore: hasNextPage,
    isLoadingMore: isFetchingNextPage,
    updatedAt: query.dataUpdatedAt,
    loadMore,
    refetch: query.refetch,
  };
}
