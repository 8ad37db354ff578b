import type { Fault } from "@/api/types";
import type { FaultKind } from "./labels";

/** A fault as the form holds it; cleared number fields are null. */
export interface Drafted {
  operation: string;
  kind: FaultKind;
  percent: number | null;
  times: number | null;
  seconds?: number | null;
  code?: string;
}

/** The fault to send: certain unless told less, until removed unless told how often. */
export function faultFrom(drafted: Drafted): Fault {
  const code = drafted.code?.trim() ?? "";
  return {
    id: "",
    operation: drafted.operation,
    kind: drafted.kind,
    probability: (drafted.percent ?? 100) / 100,
    times: drafted.times,
    seconds: drafted.kind === "error" ? 0 : (drafted.seconds ?? 0),
    code: drafted.kind === "error" && code !== "" ? code : null,
  };
}
