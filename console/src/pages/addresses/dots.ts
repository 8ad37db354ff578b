/** The accuracy of one channel by day, as points to draw. */

export interface DayShare {
  day: string;
  channel: string;
  right_share: number | null;
}

export interface Dot {
  day: string;
  share: number;
  /** Of the width and of the height, both from 0 to 1, from the top left. */
  x: number;
  y: number;
}

const DAY_MS = 86_400_000;
const FLOORS = [0.95, 0.9, 0.8, 0.5, 0];

/** Where a chart's scale begins: as near to the lowest share as a round number stands. */
export function floorOf(shares: readonly number[]): number {
  const lowest = Math.min(1, ...shares);
  return FLOORS.find((floor) => lowest >= floor) ?? 0;
}

/** A channel's days from the oldest; a day on which nothing passed by itself has no dot. */
export function dotsOf(
  days: readonly DayShare[],
  channel: string,
  { since, until, floor }: { since: string; until: string; floor: number },
): Dot[] {
  const first = Date.parse(since);
  const length = Math.max(1, (Date.parse(until) - first) / DAY_MS);
  return days
    .flatMap((one) =>
      one.channel !== channel || one.right_share === null
        ? []
        : [
            {
              day: one.day,
              share: one.right_share,
              x: (Date.parse(one.day) - first) / DAY_MS / length,
              y: (1 - one.right_share) / (1 - floor),
            },
          ],
    )
    .sort((one, other) => one.x - other.x);
}
