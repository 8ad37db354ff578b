/** The page's parts as they stand in the URL, and what the pieces of a text are. */
import type { MessageDraft } from "@/api/types";

export type MessageFilter = "tab" | "open";
export type MessageTab = "waiting" | "ordered" | "talk" | "words";

export const TABS: readonly MessageTab[] = ["waiting", "ordered", "talk", "words"];

/** An address that somebody has edited by hand falls back to what waits. */
export function tabOf(value: string | undefined): MessageTab {
  return TABS.find((tab) => tab === value) ?? "waiting";
}

/** The message to look at after one that was decided; the one before it when it was the last. */
export function after(keys: readonly string[], decided: string): string | undefined {
  const at = keys.indexOf(decided);
  if (at === -1) return keys[0];
  return keys[at + 1] ?? keys[at - 1];
}

/** What Enter does while a message stands open. */
export interface OpenDeeds {
  confirm: () => void;
}

export type Field = "name" | "phone" | "address" | "goods" | "quantity" | "tag" | "remark";

export interface Piece {
  text: string;
  field: Field | "";
  at: number;
}

interface Span {
  field: Field;
  start: number;
  end: number;
}

/** Where in the text each field of a draft was read. */
export function spansOf(draft: MessageDraft): Span[] {
  const spans: Span[] = [];
  const add = (field: Field, piece: { start: number; end: number } | null) => {
    if (piece !== null) spans.push({ field, start: piece.start, end: piece.end });
  };
  add("name", draft.name);
  add("phone", draft.phone);
  add("address", draft.address);
  for (const line of draft.lines) {
    add("quantity", line.quantity);
    add("goods", line.goods);
  }
  for (const tag of draft.tags) add("tag", tag);
  for (const remark of draft.remarks) add("remark", remark);
  return spans;
}

/** A text cut where fields stand in it; of two that overlap the smaller one shows. */
export function pieces(text: string, spans: readonly Span[]): Piece[] {
  // The server counts code points, a browser UTF-16 units.
  const letters = [...text];
  const marks: (Field | "")[] = letters.map(() => "");
  const bySize = [...spans].sort((one, other) => other.end - other.start - (one.end - one.start));
  for (const span of bySize) {
    for (let at = span.start; at < span.end && at < letters.length; at += 1) marks[at] = span.field;
  }
  const found: Piece[] = [];
  letters.forEach((letter, at) => {
    const field = marks[at] ?? "";
    const last = found.at(-1);
    if (last !== undefined && last.field === field) last.text += letter;
    else found.push({ text: letter, field, at });
  });
  return found;
}

export interface LineForm {
  id: number;
  sku: string;
  quantity: number;
}

export interface DraftForm {
  name: string;
  phone: string;
  address: string;
  lines: LineForm[];
  remark: string;
  tags: string[];
}

/** A draft as the form starts with it; goods that are not settled are an empty line. */
export function formOf(draft: MessageDraft): DraftForm {
  const lines = draft.lines.map((line, id) => ({
    id,
    sku: line.sku?.value ?? "",
    quantity: Number(line.quantity?.value ?? 0),
  }));
  return {
    name: draft.name?.value ?? "",
    phone: draft.phone?.value ?? "",
    address: draft.address?.value ?? "",
    lines: lines.length > 0 ? lines : [{ id: 0, sku: "", quantity: 0 }],
    remark: draft.remarks.map((one) => one.value).join("；"),
    tags: draft.tags.map((one) => one.value),
  };
}

export type FormField = "name" | "phone" | "address" | "lines";

/** What a form still lacks, the first field first; then it cannot become an order. */
export function lacking(form: DraftForm): FormField[] {
  const lacks: FormField[] = [];
  if (form.name.trim() === "") lacks.push("name");
  if (form.phone.trim() === "") lacks.push("phone");
  if (form.address.trim() === "") lacks.push("address");
  const isWhole = form.lines.every((line) => line.sku.trim() !== "" && line.quantity >= 1);
  if (!isWhole || form.lines.length === 0) lacks.push("lines");
  return lacks;
}

export function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)}%`;
}
