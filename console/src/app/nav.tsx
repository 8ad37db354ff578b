/** The places of the console, who may see them, and their live counts. */
import {
  AccountBookOutlined,
  ApartmentOutlined,
  AuditOutlined,
  CalendarOutlined,
  ClusterOutlined,
  EnvironmentOutlined,
  ExclamationCircleOutlined,
  FileDoneOutlined,
  ImportOutlined,
  InboxOutlined,
  MessageOutlined,
  ProfileOutlined,
  ShopOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { ReactNode } from "react";
import type { Permission, Today } from "@/api/types";

export interface Place {
  to:
    | "/today"
    | "/orders"
    | "/channels"
    | "/exceptions"
    | "/addresses"
    | "/messages"
    | "/imports"
    | "/stock"
    | "/shops"
    | "/payments"
    | "/days"
    | "/connectors"
    | "/audit"
    | "/members";
  label: MessageDescriptor;
  icon: ReactNode;
  needs: Permission;
  count?: (today: Today) => number;
  isProof?: boolean;
}

export const PLACES: readonly Place[] = [
  { to: "/today", label: msg`今日`, icon: <CalendarOutlined aria-hidden />, needs: "orders.read" },
  { to: "/orders", label: msg`订单`, icon: <ProfileOutlined aria-hidden />, needs: "orders.read" },
  {
    to: "/exceptions",
    label: msg`异常`,
    icon: <ExclamationCircleOutlined aria-hidden />,
    needs: "exceptions.read",
    count: (today) => today.open_work_items,
  },
  { to: "/stock", label: msg`库存`, icon: <InboxOutlined aria-hidden />, needs: "stock.read" },
  {
    to: "/addresses",
    label: msg`地址`,
    icon: <EnvironmentOutlined aria-hidden />,
    needs: "addresses.read",
    count: (today) => today.doubtful_addresses,
  },
  {
    to: "/messages",
    label: msg`群消息`,
    icon: <MessageOutlined aria-hidden />,
    needs: "messages.read",
    count: (today) => today.waiting_messages,
  },
  {
    to: "/imports",
    label: msg`导入订单`,
    icon: <ImportOutlined aria-hidden />,
    needs: "orders.import",
  },
  {
    to: "/channels",
    label: msg`渠道`,
    icon: <ApartmentOutlined aria-hidden />,
    needs: "orders.read",
  },
  { to: "/shops", label: msg`店铺`, icon: <ShopOutlined aria-hidden />, needs: "shops.read" },
  {
    to: "/payments",
    label: msg`对账`,
    icon: <AccountBookOutlined aria-hidden />,
    needs: "payments.read",
    isProof: true,
  },
  {
    to: "/days",
    label: msg`日报`,
    icon: <FileDoneOutlined aria-hidden />,
    needs: "payments.read",
    isProof: true,
  },
  {
    to: "/connectors",
    label: msg`连接器`,
    icon: <ClusterOutlined aria-hidden />,
    needs: "connectors.read",
    isProof: true,
  },
  {
    to: "/audit",
    label: msg`审计`,
    icon: <AuditOutlined aria-hidden />,
    needs: "audit.read",
    isProof: true,
  },
  {
    to: "/members",
    label: msg`成员`,
    icon: <TeamOutlined aria-hidden />,
    needs: "users.manage",
    isProof: true,
  },
];

export function placesFor(permissions: readonly Permission[]): Place[] {
  return PLACES.filter((place) => permissions.includes(place.needs));
}
