import { Link } from "@tanstack/react-router";
import type { OrderRow } from "@/api/types";
import { Countdown } from "@/kit/Countdown";
import { region } from "@/kit/format";
import { Money } from "@/kit/Money";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { Status } from "./columns";

/** An order on a phone: the whole card opens it. */
export function OrderCard({ row }: { row: OrderRow }) {
  return (
    <Link to="/orders/$orderId" params={{ orderId: row.id }} className="order-card">
      <span className="order-card-line">
        <span className="mono order-card-number">{row.number}</span>
        <Status row={row} />
      </span>
      <span className="mono one-line">{row.items_text}</span>
      <span className="order-card-line quiet">
        <span className="one-line">
          {row.receiver_masked.name} {region(row.receiver_masked.region)}
        </span>
        <Time at={row.placed_at} />
      </span>
      <span className="order-card-line">
        <span className="tags">
          {row.holds.map((hold) => (
            <Tag key={hold.reason} tone="red">
              {hold.label}
            </Tag>
          ))}
          {row.tags.map((tag) => (
            <Tag key={tag} tone="jade">
              {tag}
            </Tag>
          ))}
          {row.reservation_expires_at !== null && <Countdown until={row.reservation_expires_at} />}
        </span>
        <Money fen={row.total_fen} />
      </span>
    </Link>
  );
}
