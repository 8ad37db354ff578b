/** The one place where the console names what the API speaks; everything comes from the schema. */
import type { components, paths } from "./schema";

export type Paths = paths;
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
export type OrderAddress = Schemas["AddressFacts"];
export type OrderLine = Schemas["LineFacts"];
export type OrderDocument = Schemas["DocumentFacts"];
export type TimelineStep = Schemas["StepFacts"];
export type Reservation = Schemas["ReservationFacts"];
export type Receiver = Schemas["ReceiverFacts"];
export type HoldReason = Schemas["HoldReason"];
export type AllowedAction = OrderDetail["allowed"][number];

export type WorkItem = Schemas["WorkItemFacts"];
export type WorkItemList = Schemas["WorkItemList"];
export type WorkItemKind = Schemas["WorkItemKind"];
export type WorkItemState = Schemas["WorkItemState"];
export type WorkItemAction = WorkItem["actions"][number];
export type Resolution = Schemas["Resolution"];
export type AuditEntry = Schemas["AuditFacts"];
export type AuditList = Schemas["AuditList"];
export type Verification = Schemas["VerificationFacts"];
export type User = Schemas["UserFacts"];
export type RoleFacts = Schemas["RoleFacts"];
export type Token = Schemas["TokenFacts"];
export type Connector = Schemas["ConnectorItem"];
export type ConnectorCallList = Schemas["CallList"];
export type ConnectorCall = Schemas["CallItem"];
export type Fault = Schemas["Fault"];
export type SandboxList = Schemas["SandboxList"];
export type Sandbox = Schemas["SandboxItem"];

export type StockItem = Schemas["StockItem"];
export type StockItemDetail = Schemas["StockItemDetail"];
export type StockLevel = Schemas["StockLevelFacts"];
export type StockList = Schemas["StockList"];
export type StockSort = Schemas["StockSort"];
export type Holder = Schemas["HolderFacts"];
export type LedgerChange = Schemas["LedgerFacts"];
export type Photograph = Schemas["PhotographFacts"];
export type StockExplanation = Schemas["ExplanationFacts"];
export type StockLook = Schemas["LookFacts"];
export type StockPart = Schemas["StockPartFacts"];
export type StockStage = Schemas["StageFacts"];
export type StockRepair = Schemas["Repair"];
export type WantedStockRepair = Schemas["WantedRepair"];
export type ConfirmedStockRepair = Schemas["ConfirmedRepair"];
export type Reconciliation = Schemas["Reconciliation"];

export type ShopItem = Schemas["ShopItem"];
export type Shop = Schemas["ShopFacts"];
export type ShopList = Schemas["ShopList"];
export type ShopLag = Schemas["LagFacts"];
export type ShopRule = Schemas["RuleFacts"];
export type NewShop = Schemas["NewShop"];
export type ShopChange = Schemas["ShopChange"];
export type ShopPreviewBody = Schemas["Preview"];
export type ShopPreview = Schemas["PreviewFacts"];
export type ShopObserved = Schemas["ObservedFacts"];
export type ObservedList = Schemas["ObservedList"];
export type Oversell = Schemas["OversellFacts"];
export type ObservedOrder = Schemas["ObservedOrderFacts"];
export type OpenOrders = Schemas["OpenOrders"];

export type PaymentDay = Schemas["PaymentDay"];
export type PaymentDayList = Schemas["PaymentDayList"];
export type PaymentDayDetail = Schemas["PaymentDayDetail"];
export type PaymentBill = Schemas["BillFacts"];
export type PaymentSide = Schemas["MoneySide"];
export type PaymentStamp = Schemas["Stamp"];
export type PaymentDifference = Schemas["PaymentDifference"];
export type PaymentRepairPreview = Schemas["RepairPreview"];
