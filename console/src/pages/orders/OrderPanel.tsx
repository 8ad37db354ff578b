import { ExpandOutlined } from "@ant-design/icons";
import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { SidePanel } from "@/kit/SidePanel";
import { OrderBody } from "./detail/OrderBody";
import { OrderHead } from "./detail/OrderHead";
import { useOrder } from "./detail/useOrder";

/** One order beside the list, which stays alive. */
export function OrderPanel({ orderId, onClose }: { orderId: string; onClose: () => void }) {
  const { t } = useLingui();
  const order = useOrder(orderId);
  return (
    <SidePanel
      label={t`订单详情`}
      focusKey={orderId}
      onClose={onClose}
      header={
        <OrderHead
          order={order.data}
          aside={
            <Link
              to="/orders/$orderId"
              params={{ orderId }}
              className="head-link"
              aria-label={t`打开整页`}
              title={t`打开整页`}
            >
              <ExpandOutlined aria-hidden />
            </Link>
          }
        />
      }
    >
      <OrderBody query={order} />
    </SidePanel>
  );
}
