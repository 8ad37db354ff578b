import "./detail.css";
import "./timeline.css";
import { ErrorState, LoadingState } from "@/kit/states";
import { Actions } from "./Actions";
import { AddressCard } from "./AddressCard";
import { Documents } from "./Documents";
import { Holds } from "./Holds";
import { Lines } from "./Lines";
import { Payments } from "./Payments";
import { ReceiverCard } from "./ReceiverCard";
import { ReservationCard } from "./ReservationCard";
import { Shipments } from "./Shipments";
import { SourcingCard } from "./SourcingCard";
import { Tags } from "./Tags";
import { Timeline } from "./Timeline";
import { type OrderQuery, useDeed } from "./useOrder";

/** Everything known of one order; one column in the panel, two on a wide page. */
export function OrderBody({ query }: { query: OrderQuery }) {
  const order = query.data;
  const deed = useDeed(order?.id ?? "");
  if (order === undefined) {
    if (query.error !== null)
      return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    return <LoadingState rows={10} />;
  }
  return (
    <div className="order-body" key={order.id}>
      <div className="order-bar">
        <Actions order={order} deed={deed} />
        <Tags order={order} deed={deed} />
      </div>
      <div className="order-columns">
        <div className="order-column">
          <Holds order={order} deed={deed} />
          <Lines order={order} />
          <ReservationCard order={order} />
          <Documents order={order} />
          <Shipments order={order} />
        </div>
        <div className="order-column">
          <Timeline order={order} />
          <ReceiverCard order={order} />
          <AddressCard order={order} />
          <SourcingCard order={order} />
          <Payments order={order} />
        </div>
      </div>
    </div>
  );
}
