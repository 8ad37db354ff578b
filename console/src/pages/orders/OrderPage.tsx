/** One order on a page of its own. */
import "./orders.css";
import { ArrowLeftOutlined } from "@ant-design/icons";
import { Trans } from "@lingui/react/macro";
import { Link, useParams } from "@tanstack/react-router";
import { OrderBody } from "./detail/OrderBody";
import { OrderHead } from "./detail/OrderHead";
import { useOrder } from "./detail/useOrder";

export function OrderPage() {
  const { orderId } = useParams({ from: "/shell/orders/$orderId" });
  const order = useOrder(orderId);
  return (
    <div className="order-page">
      <div className="order-page-head">
        <Link to="/orders" search={{}} className="back-link">
          <ArrowLeftOutlined aria-hidden /> <Trans>订单</Trans>
        </Link>
        <OrderHead order={order.data} level="h1" />
      </div>
      <OrderBody query={order} />
    </div>
  );
}
