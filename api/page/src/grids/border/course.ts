// A line drawn from the outline back to the outline: where its ends lie, and what it adds or takes; pure.

import type { Place } from "../contract";
import { area_m2, length_m, nearestOnLine, ringArea, type Pixel } from "../model/plane";

/** A place on a ring: so much of the way from one vertex to the next. */
export interface OnRing {
  ring: readonly Place[];
  edge: number;
  share: number;
}

/** How near in pixels a place is taken to be on the outline, and at a corner of it. */
const NEAR_PX = 12;
const CORNER_PX = 6;

/** The place of some rings beside a pixel; none where all are farther off. */
export function nearestOnRings(rings: readonly Place[][], pixel: Pixel, toPixel: (place: Place) => Pixel): OnRing | null {
  let best: { distance: number; found: OnRing } | null = null;
  for (const ring of rings) {
    const line = ring.map(toPixel);
    const { at, edge, distance } = nearestOnLine(line, pixel);
    if (distance <= NEAR_PX && distance < (best?.distance ?? Infinity)) best = { distance, found: { ring, edge, share: shareOf(line, edge, at) } };
  }
  return best?.found ?? null;
}

function shareOf(line: readonly Pixel[], edge: number, at: Pixel): number {
  const [from, to] = [line[edge], line[edge + 1]].map((end) => Math.hypot((end?.[0] ?? 0) - at[0], (end?.[1] ?? 0) - at[1])) as [number, number];
  if (from < CORNER_PX) return 0;
  return to < CORNER_PX ? 1 : from / (from + to);
}

/** Exactly on the edge. */
export function placeOf({ ring, edge, share }: OnRing): Place {
  const [from, to] = [ring[edge] as Place, ring[edge + 1] as Place];
  if (share <= 0) return from;
  return share >= 1 ? to : [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
}

/** By how many square metres a drawn line makes the town, on the left of its rings, larger; below 0 smaller. */
export function gain_m2(from: OnRing, to: OnRing, drawn: readonly Place[]): number {
  const [ahead, back] = [pieceBetween(from, to), pieceBetween(to, from)];
  const isForward = length_m(ahead) <= length_m(back);
  const [old, now] = isForward ? [ahead, drawn] : [back, drawn.toReversed()];
  const ring = [...old, ...now.toReversed(), old[0] as Place];
  return -Math.sign(ringArea(ring)) * area_m2([[ring]]);
}

/** The ring from one place to another, as it runs. */
function pieceBetween(from: OnRing, to: OnRing): Place[] {
  const { ring } = from;
  const count = ring.length - 1;
  const isAhead = from.edge + from.share <= to.edge + to.share;
  const edges = isAhead ? to.edge - from.edge : to.edge - from.edge + count;
  const between = Array.from({ length: edges }, (_, i) => ring[(from.edge + 1 + i) % count] as Place);
  return [placeOf(from), ...between, placeOf(to)];
}
