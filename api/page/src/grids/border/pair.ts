// The border between two units, over all its edges; pure.

import type { Arc, Level } from "../contract";
import type { Coverage } from "../model/coverage";

/** Two neighbours of one level, and the edges between them. */
export interface Pair {
  one: number;
  other: number;
  arcs: Arc[];
}

/** The units of a level that an edge divides; null where it divides none, or is the outline. */
export function pairBeside(coverage: Coverage, { left, right }: Arc, level: Level): Pair | null {
  const [one, other] = [coverage.above(left, level), coverage.above(right, level)];
  if (!one || !other || one === other) return null;
  const beyond = (arc: Arc) => [arc.left, arc.right].some((face) => coverage.above(face, level) === other);
  return { one, other, arcs: coverage.arcsAround(one).filter(beyond) };
}
