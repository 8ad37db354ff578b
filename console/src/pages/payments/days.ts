/** Pure wording and grouping of reconciled days. */
import type { PaymentDay, PaymentDifference, PaymentStamp } from "@/api/types";
import type { Tone } from "@/kit/Tag";

export const TONES: Record<PaymentStamp, Tone> = {
  equal: "green",
  settled: "jade",
  different: "red",
  waiting: "grey",
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** 11月22日 周日, or Sun, November 22; the year only where it is not today's. */
export function dayName(day: string, locale: string, today: string): string {
  if (!DAY.test(day)) return day;
  return new Intl.DateTimeFormat(locale === "en" ? "en" : "zh-CN", {
    timeZone: "UTC",
    month: "long",
    day: "numeric",
    weekday: "short",
    ...(day.slice(0, 4) === today.slice(0, 4) ? {} : { year: "numeric" }),
  })
    .format(new Date(`${day}T00:00:00Z`))
    .replace(/日(?=周)/, "日 ");
}

export interface KindGroup {
  key: string;
  label: string;
  isOpen: boolean;
  items: PaymentDifference[];
}

/** Open differences by kind, in the server's order; what is settled comes last, in one group. */
export function groupsOf(items: readonly PaymentDifference[], settled: string): KindGroup[] {
  const groups = new Map<string, KindGroup>();
  for (const item of items) {
    const isOpen = item.state === "open";
    const key = isOpen ? item.kind : "settled";
    const group = groups.get(key) ?? {
      key,
      label: isOpen ? item.kind_label : settled,
      isOpen,
      items: [],
    };
    group.items.push(item);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Whether both sides of some account differ in money although nothing stands open there. */
export function hasOtherDays(day: PaymentDay): boolean {
  return day.accounts.some(
    ({ bill, hub, open, accepted }) =>
      bill !== null &&
      hub !== null &&
      open + accepted === 0 &&
      (bill.paid_fen !== hub.paid_fen || bill.refunded_fen !== hub.refunded_fen),
  );
}
