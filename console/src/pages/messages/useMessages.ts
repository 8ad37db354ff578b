/** What the page of group messages asks and does. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type {
  GoodsAliasList,
  MessageDetail,
  MessageList,
  MessageRow,
  MessageShops,
} from "@/api/types";
import { useCursorList } from "@/kit/useCursorList";
import { keys } from "@/live/invalidate";
import type { DraftForm, MessageTab } from "./search";

export function useMessageList(tab: MessageTab) {
  const state = tab === "words" ? "waiting" : tab;
  return useCursorList<MessageRow, MessageList>({
    queryKey: [...keys.messages, "list", state],
    fetchPage: (cursor) =>
      answer<MessageList>(
        api.GET("/api/v1/messages", {
          params: { query: cursor === undefined ? { state } : { state, cursor } },
        }),
      ),
  });
}

export function useMessage(id: string) {
  return useQuery({
    queryKey: [...keys.messages, "one", id],
    queryFn: () =>
      answer<MessageDetail>(
        api.GET("/api/v1/messages/{message_id}", { params: { path: { message_id: id } } }),
      ),
  });
}

export function useMessageShops() {
  return useQuery({
    queryKey: [...keys.messages, "shops"],
    queryFn: () => answer<MessageShops>(api.GET("/api/v1/messages/shops")),
  });
}

export function useWords() {
  return useQuery({
    queryKey: [...keys.messages, "words"],
    queryFn: () => answer<GoodsAliasList>(api.GET("/api/v1/messages/aliases")),
  });
}

export interface Pasted {
  key: string;
  shop_id: string;
  group: string;
  sender: string;
  text: string;
}

export type Deed =
  | { kind: "confirm"; draftId: string; form: DraftForm }
  | { kind: "discard"; draftId: string }
  | { kind: "restore"; draftId: string }
  | { kind: "seen"; messageId: string }
  | { kind: "unseen"; messageId: string };

function done(deed: Deed): Promise<MessageDetail> {
  switch (deed.kind) {
    case "seen":
    case "unseen": {
      const params = { path: { message_id: deed.messageId } };
      return deed.kind === "seen"
        ? answer<MessageDetail>(api.POST("/api/v1/messages/{message_id}/seen", { params }))
        : answer<MessageDetail>(api.POST("/api/v1/messages/{message_id}/unseen", { params }));
    }
    case "confirm": {
      const params = { path: { draft_id: deed.draftId } };
      const { lines, ...rest } = deed.form;
      const body = { ...rest, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) };
      return answer<MessageDetail>(
        api.POST("/api/v1/messages/drafts/{draft_id}/confirm", { params, body }),
      );
    }
    default: {
      const params = { path: { draft_id: deed.draftId } };
      return deed.kind === "discard"
        ? answer<MessageDetail>(api.POST("/api/v1/messages/drafts/{draft_id}/discard", { params }))
        : answer<MessageDetail>(api.POST("/api/v1/messages/drafts/{draft_id}/restore", { params }));
    }
  }
}

export function useDeed() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: done,
    onSettled: () => void client.invalidateQueries({ queryKey: keys.messages }),
  });
}

export function usePaste() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (pasted: Pasted) =>
      answer<MessageDetail>(api.POST("/api/v1/messages", { body: pasted })),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.messages }),
  });
}

export interface Word {
  text: string;
  sku: string;
  factor: number;
}

export function useTeach() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (word: Word) =>
      answer(api.POST("/api/v1/messages/aliases", { body: { ...word, units: {} } })),
    onSettled: () => void client.invalidateQueries({ queryKey: [...keys.messages, "words"] }),
  });
}

export function useForget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.POST("/api/v1/messages/aliases/{alias_id}/roll-back", {
          params: { path: { alias_id: id } },
        }),
      ),
    onSettled: () => void client.invalidateQueries({ queryKey: [...keys.messages, "words"] }),
  });
}
