import { Link } from "@tanstack/react-router";
import type { WorkItem } from "@/api/types";

/** What the item is about; it opens where it is shown. Bills are named by their day. */
export function SubjectLink({ item }: { item: WorkItem }) {
  const words = (
    <>
      {item.subject_type_label} <span className="mono">{item.subject_label}</span>
    </>
  );
  if (item.kind === "address_doubtful") {
    return (
      <Link to="/addresses" search={{ open: item.subject_id }} className="subject">
        {words}
      </Link>
    );
  }
  if (item.subject_type === "order") {
    return (
      <Link to="/orders/$orderId" params={{ orderId: item.subject_id }} className="subject">
        {words}
      </Link>
    );
  }
  if (item.subject_type === "stock") {
    return (
      <Link to="/stock" search={{ open: skuIn(item.subject_id) }} className="subject">
        {words}
      </Link>
    );
  }
  if (item.subject_type === "shop") {
    return (
      <Link to="/shops" search={{ open: item.subject_id }} className="subject">
        {words}
      </Link>
    );
  }
  if (item.subject_type === "payment_bill" || item.subject_type === "payment_difference") {
    return (
      <Link to="/payments" search={{ open: item.subject_label.slice(0, 10) }} className="subject">
        {words}
      </Link>
    );
  }
  return <span className="subject">{words}</span>;
}

/** A place is told as "SKU@warehouse"; the page of stock opens by SKU. */
export function skuIn(place: string): string {
  return place.split("@")[0] ?? place;
}
