// A line drawn from the outline back to the outline, as the step that puts it in the place of a run; pure.

import type { Arc, Place } from "../contract";
import { area_m2, ringArea } from "../model/plane";

/** A place on an edge of an arc: so much of the way from one vertex to the next. */
export interface OnArc {
  arc: Arc;
  edge: number;
  share: number;
}

/** What takes the place of the vertices `first` to `last` of an arc; `line` begins and ends there. */
export interface Course {
  arc: number;
  first: number;
  last: number;
  line: Place[];
}

/** A drawn line between two places of one arc. */
export function courseBetween(from: OnArc, to: OnArc, drawn: readonly Place[]): Course {
  const isForward = from.edge + from.share <= to.edge + to.share;
  const [start, end] = isForward ? [from, to] : [to, from];
  const between = isForward ? drawn : drawn.toReversed();
  const { coords, id } = start.arc;
  const first = start.share < 1 ? start.edge : start.edge + 1;
  const last = end.share > 0 ? end.edge + 1 : end.edge;
  const line = [coords[first] as Place, placeOf(start), ...between, placeOf(end), coords[last] as Place];
  return { arc: id, first, last, line: line.filter((place, i) => String(place) !== String(line[i - 1])) };
}

/** Exactly on the edge. */
export function placeOf({ arc: { coords }, edge, share }: OnArc): Place {
  const [from, to] = [coords[edge] as Place, coords[edge + 1] as Place];
  if (share <= 0) return from;
  return share >= 1 ? to : [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
}

/** By how many square metres a course makes the town larger; below 0 smaller. */
export function gain_m2({ coords, left }: Arc, { first, last, line }: Course): number {
  const ring = [...coords.slice(first, last + 1), ...line.slice(0, -1).reverse()];
  const area = Math.sign(ringArea(ring)) * area_m2([[ring]]);
  return left ? -area : area;
}
