import { count } from "@/kit/format";
import { useFlash } from "@/kit/useFlash";

/** A number that flashes when it changes in sight; zeros step back. */
export function Figure({ value, strong = false }: { value: number; strong?: boolean }) {
  const isFlashing = useFlash(value);
  const classes = ["figure"];
  if (isFlashing) classes.push("flash");
  if (value < 0) classes.push("is-negative");
  if (value === 0 && !strong) classes.push("is-zero");
  if (strong) classes.push("is-strong");
  return <span className={classes.join(" ")}>{count(value)}</span>;
}
