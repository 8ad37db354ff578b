/** All addresses of the console. A page is one lazy component and, if it filters, its search. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { parseSearch, stringifySearch, textSearch } from "@/kit/search";
import { ErrorState } from "@/kit/states";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

const root = createRootRoute({ notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: textSearch(["back"]),
  component: lazyRouteComponent(() => import("@/pages/sign-in/SignInPage"), "SignInPage"),
});

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/today" });
  },
});

const today = createRoute({
  getParentRoute: () => shell,
  path: "/today",
  component: lazyRouteComponent(() => import("@/pages/today/TodayPage"), "TodayPage"),
});

const orders = createRoute({
  getParentRoute: () => shell,
  path: "/orders",
  validateSearch: textSearch(["view", "q", "sku", "tag", "shop", "sort", "open"]),
  component: lazyRouteComponent(() => import("@/pages/orders/OrdersPage"), "OrdersPage"),
});

const order = createRoute({
  getParentRoute: () => shell,
  path: "/orders/$orderId",
  component: lazyRouteComponent(() => import("@/pages/orders/OrderPage"), "OrderPage"),
});

const stock = createRoute({
  getParentRoute: () => shell,
  path: "/stock",
  validateSearch: textSearch(["q", "warehouse", "low", "sort", "open"]),
  component: lazyRouteComponent(() => import("@/pages/stock/StockPage"), "StockPage"),
});

const exceptions = createRoute({
  getParentRoute: () => shell,
  path: "/exceptions",
  validateSearch: textSearch(["state", "kind", "owner", "q", "open"]),
  component: lazyRouteComponent(
    () => import("@/pages/exceptions/ExceptionsPage"),
    "ExceptionsPage",
  ),
});

const connectors = createRoute({
  getParentRoute: () => shell,
  path: "/connectors",
  validateSearch: textSearch(["open", "tab"]),
  component: lazyRouteComponent(
    () => import("@/pages/connectors/ConnectorsPage"),
    "ConnectorsPage",
  ),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: "/audit",
  validateSearch: textSearch(["actor", "action", "object", "from", "until", "open"]),
  component: lazyRouteComponent(() => import("@/pages/audit/AuditPage"), "AuditPage"),
});

const shops = createRoute({
  getParentRoute: () => shell,
  path: "/shops",
  validateSearch: textSearch(["open"]),
  component: lazyRouteComponent(() => import("@/pages/shops/ShopsPage"), "ShopsPage"),
});

const addresses = createRoute({
  getParentRoute: () => shell,
  path: "/addresses",
  validateSearch: textSearch(["tab", "open"]),
  component: lazyRouteComponent(() => import("@/pages/addresses/AddressesPage"), "AddressesPage"),
});

const messages = createRoute({
  getParentRoute: () => shell,
  path: "/messages",
  validateSearch: textSearch(["tab", "open"]),
  component: lazyRouteComponent(() => import("@/pages/messages/MessagesPage"), "MessagesPage"),
});

const imports = createRoute({
  getParentRoute: () => shell,
  path: "/imports",
  validateSearch: textSearch(["open"]),
  component: lazyRouteComponent(() => import("@/pages/imports/ImportsPage"), "ImportsPage"),
});

const payments = createRoute({
  getParentRoute: () => shell,
  path: "/payments",
  validateSearch: textSearch(["open"]),
  component: lazyRouteComponent(() => import("@/pages/payments/PaymentsPage"), "PaymentsPage"),
});

const channels = createRoute({
  getParentRoute: () => shell,
  path: "/channels",
  validateSearch: textSearch(["days"]),
  component: lazyRouteComponent(() => import("@/pages/channels/ChannelsPage"), "ChannelsPage"),
});

const days = createRoute({
  getParentRoute: () => shell,
  path: "/days",
  validateSearch: textSearch(["day", "open"]),
  component: lazyRouteComponent(() => import("@/pages/days/DaysPage"), "DaysPage"),
});

const members = createRoute({
  getParentRoute: () => shell,
  path: "/members",
  validateSearch: textSearch(["tab"]),
  component: lazyRouteComponent(() => import("@/pages/members/MembersPage"), "MembersPage"),
});

const routeTree = root.addChildren([
  signIn,
  shell.addChildren([
    home,
    today,
    orders,
    order,
    stock,
    exceptions,
    addresses,
    messages,
    imports,
    channels,
    shops,
    payments,
    days,
    connectors,
    audit,
    members,
  ]),
]);

export function makeRouter() {
  return createRouter({
    routeTree,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultErrorComponent: ({ error }) => <ErrorState error={error} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
