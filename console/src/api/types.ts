/** The one place where the console names what the API speaks; everything comes from the schema. */
import type { PendingPaths } from "./pending";
import type { components, paths as served } from "./schema";

export type Paths = served & PendingPaths;
type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type Permission = Schemas["Permission"];
export type Role = Schemas["Role"];
export type Today = Schemas["TodayFacts"];

export type OrderRow = Schemas["OrderRow"];
export type OrderList = Schemas["OrderList"];
export type OrderView = Schemas["View"];
export type OrderSort = Schemas["Sort"];
export type OrderStatus = Schemas["OrderStatus"];
export type OrderDetail = Schemas["OrderDetail"];
export type OrderLine = Schemas["LineFacts"];
export type OrderDocument = Schemas["DocumentFacts"];
export type TimelineStep = Schemas["StepFacts"];
export type Reservation = Schemas["ReservationFacts"];
export type Receiver = Schemas["ReceiverFacts"];
export type HoldReason = Schemas["HoldReason"];
export type AllowedAction = OrderDetail["allowed"][number];

export type WorkItem = Schemas["WorkItemFacts"];
export type AuditEntry = Schemas["AuditFacts"];
export type Verification = Schemas["VerificationFacts"];
export type User = Schemas["UserFacts"];
export type Token = Schemas["TokenFacts"];
export type Connector = Schemas["ConnectorItem"];
export type ConnectorCall = Schemas["CallItem"];
export type Fault = Schemas["Fault"];
export type Sandbox = Schemas["SandboxItem"];

export type {
  StockItem,
  StockItemDetail,
  StockLevel,
  StockReconciliation,
} from "./pending";
