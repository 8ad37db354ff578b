import type { ImportFacts } from "@/api/types";
import type { Tone } from "@/kit/Tag";

/** The colour of each state of an import; its word is the server's. */
export const TONES: Record<ImportFacts["state"], Tone> = {
  uploaded: "amber",
  checked: "blue",
  running: "blue",
  done: "green",
  cancelled: "grey",
};
