/** Pure wording of numbers and moments; the console shows Shanghai's time everywhere. */
const ZONE = "Asia/Shanghai";

const clockTime = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const parts = new Intl.DateTimeFormat("en-CA", {
  timeZone: ZONE,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});

/** 259.90 for 25990 fen, with thousands separators; exact, no floating point. */
export function yuan(fen: number): string {
  const sign = fen < 0 ? "-" : "";
  const digits = Math.abs(fen).toString().padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}¥${whole}.${digits.slice(-2)}`;
}

export function timeOfDay(at: string | number): string {
  return clockTime.format(new Date(at));
}

export function day(at: string | number): string {
  return parts.format(new Date(at));
}

/** 2026-11-22 14:02:11 */
export function fullTime(at: string | number): string {
  return `${day(at)} ${timeOfDay(at)}`;
}

/** As short as it stays clear: 14:02 today, 11-21 14:02 this year, else the day. */
export function shortTime(at: string | number, now: number): string {
  const then = day(at);
  const today = day(now);
  const minute = timeOfDay(at).slice(0, 5);
  if (then === today) return minute;
  if (then.slice(0, 4) === today.slice(0, 4)) return `${then.slice(5)} ${minute}`;
  return then;
}

/** 14:32, or 1:05:09 from an hour on; never below zero. */
export function countdown(milliseconds: number): string {
  const total = Math.max(0, Math.ceil(milliseconds / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  if (hours === 0) return `${minutes}:${seconds}`;
  return `${hours}:${String(minutes).padStart(2, "0")}:${seconds}`;
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** 北京市 海淀区: a municipality is its own province, and is named once. */
export function region(label: string): string {
  return label.replace(/^(\S+) \1(?= |$)/, "$1");
}
