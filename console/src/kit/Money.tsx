import { yuan } from "./format";

/** An amount in fen, as money. */
export function Money({ fen }: { fen: number }) {
  return <span className="mono">{yuan(fen)}</span>;
}
