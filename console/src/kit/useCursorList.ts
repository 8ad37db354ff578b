/** A list that the server pages by cursor, kept fresh by hints without growing costs. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

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
  const { fetchNextPage, hasNextPage, isFetchingNextPage, data } = query;
  const pages = data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  return {
    rows,
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
