import { useNow } from "./clock";
import { fullTime, shortTime, timeOfDay } from "./format";

/** A moment in a list where things come by the second: today's with seconds, older ones short. */
export function Moment({ at }: { at: string }) {
  const short = shortTime(at, useNow(60));
  return (
    <time dateTime={at} title={fullTime(at)}>
      {short.includes("-") ? short : timeOfDay(at)}
    </time>
  );
}
