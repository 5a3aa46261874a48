// From shared edges to polygons.

import type { Place } from "../contract";
import { holds, ringArea } from "./plane";

/** Rings of one piece each: a shell and the holes in it. */
export type Polygons = Place[][][];

const keyOf = ([lon, lat]: Place): string => `${lon} ${lat}`;

/**
 * Join lines end to end into rings.
 *
 * Each line has the ground on its left, so that shells run counter-clockwise and holes clockwise.
 */
export function ringsOf(lines: readonly Place[][]): Place[][] {
  const from = new Map<string, Place[][]>();
  for (const line of lines) {
    const start = keyOf(line[0] as Place);
    from.set(start, [...(from.get(start) ?? []), line]);
  }
  const rings: Place[][] = [];
  for (const line of lines) {
    if (take(from, line)) rings.push(closed(line, from));
  }
  return rings;
}

/** Go on from line to line until the ring is closed, or nothing leads on. */
function closed(first: Place[], from: Map<string, Place[][]>): Place[] {
  const ring = [...first];
  const start = keyOf(first[0] as Place);
  let end = keyOf(ring.at(-1) as Place);
  while (end !== start) {
    const next = from.get(end)?.shift();
    if (!next) break;
    ring.push(...next.slice(1));
    end = keyOf(ring.at(-1) as Place);
  }
  return ring;
}

function take(from: Map<string, Place[][]>, line: Place[]): boolean {
  const there = from.get(keyOf(line[0] as Place)) ?? [];
  const at = there.indexOf(line);
  if (at >= 0) there.splice(at, 1);
  return at >= 0;
}

/** Shells with their holes behind them. */
export function polygonsOf(rings: Place[][]): Polygons {
  const shells = rings.filter((ring) => ringArea(ring) > 0).map((ring) => [ring]);
  for (const hole of rings.filter((ring) => ringArea(ring) < 0)) {
    const around = shells.filter(([shell]) => holds([shell as Place[]], hole[0] as Place));
    (smallest(around) ?? shells[0])?.push(hole);
  }
  return shells;
}

function smallest(polygons: Polygons): Place[][] | undefined {
  return polygons.reduce<Place[][] | undefined>(
    (least, each) =>
      !least || ringArea(each[0] as Place[]) < ringArea(least[0] as Place[]) ? each : least,
    undefined,
  );
}
