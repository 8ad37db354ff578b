import type { OrderStatus } from "@/api/types";
import { Tag, type Tone } from "./Tag";

const TONES: Record<OrderStatus, Tone> = {
  unpaid: "grey",
  waiting: "amber",
  held: "red",
  reserved: "jade",
  sending: "blue",
  in_warehouse: "blue",
  shipped: "green",
  cancelled: "grey",
  refunded: "grey",
};

/** An order's status in the server's words. */
export function StatusTag({ status, label }: { status: OrderStatus; label: string }) {
  return <Tag tone={TONES[status]}>{label}</Tag>;
}
