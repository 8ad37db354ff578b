/** What the page of imported files asks and does. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { ImportDetail, ImportList, MessageShops } from "@/api/types";
import { keys } from "@/live/invalidate";

/** A running import is looked at this often. */
const WATCHED_MS = 1_000;

export function useImportShops() {
  return useQuery({
    queryKey: [...keys.imports, "shops"],
    queryFn: () => answer<MessageShops>(api.GET("/api/v1/imports/shops")),
  });
}

export function useImportList() {
  return useQuery({
    queryKey: [...keys.imports, "list"],
    queryFn: () => answer<ImportList>(api.GET("/api/v1/imports")),
    refetchInterval: (query) =>
      query.state.data?.items.some((one) => one.state === "running") ? WATCHED_MS : false,
  });
}

export function useImport(id: string) {
  return useQuery({
    queryKey: [...keys.imports, "one", id],
    queryFn: () =>
      answer<ImportDetail>(
        api.GET("/api/v1/imports/{import_id}", { params: { path: { import_id: id } } }),
      ),
    refetchInterval: (query) => (query.state.data?.facts.state === "running" ? WATCHED_MS : false),
  });
}

export function usePutFile() {
  const keep = useKeep();
  return useMutation({
    mutationFn: ({ file, shopId }: { file: File; shopId: string }) =>
      answer<ImportDetail>(
        api.POST("/api/v1/imports", {
          params: {
            query: { shop_id: shopId },
            header: { "x-yinuo-file-name": encodeURIComponent(file.name) },
          },
          headers: { "Content-Type": "application/octet-stream" },
          body: "",
          bodySerializer: () => file,
        }),
      ),
    onSuccess: keep,
  });
}

export function useMapColumns(id: string) {
  const keep = useKeep();
  return useMutation({
    mutationFn: (mapping: Record<string, number>) =>
      answer<ImportDetail>(
        api.PUT("/api/v1/imports/{import_id}/mapping", {
          params: { path: { import_id: id } },
          body: { mapping },
        }),
      ),
    onSuccess: keep,
  });
}

export type ImportDeed = "check" | "start" | "cancel";

export function useDeed(id: string) {
  const keep = useKeep();
  return useMutation({
    mutationFn: (deed: ImportDeed) =>
      answer<ImportDetail>(
        api.POST(`/api/v1/imports/{import_id}/${deed}`, {
          params: { path: { import_id: id } },
        }),
      ),
    onSuccess: keep,
  });
}

/** Show an answer at once, and ask for the list again. */
function useKeep() {
  const client = useQueryClient();
  return (detail: ImportDetail) => {
    client.setQueryData([...keys.imports, "one", detail.facts.id], detail);
    void client.invalidateQueries({ queryKey: [...keys.imports, "list"] });
  };
}
