// What a drag would do, before anybody is asked: the arcs as they would run, and the step to send.

import type { Arc, Order, Place } from "../contract";
import type { Coverage, Trial } from "./coverage";
import { middle, same } from "./plane";

/** What can be taken hold of on a chosen arc. */
export type Grip =
  | { kind: "vertex"; arc: number; index: number; at: Place }
  | { kind: "node"; arc: number; at: Place }
  | { kind: "middle"; arc: number; edge: number; at: Place };

/** Everything to take hold of on an arc, in its order. */
export function gripsOf({ id, coords }: Arc): Grip[] {
  const last = coords.length - 1;
  const isRing = same(coords[0], coords[last]);
  return coords.flatMap((at, index): Grip[] => {
    const isEnd = index === 0 || index === last;
    const own: Grip = isEnd ? { kind: "node", arc: id, at } : { kind: "vertex", arc: id, index, at };
    const next = coords[index + 1];
    if (!next) return isRing ? [] : [own];
    return [own, { kind: "middle", arc: id, edge: index, at: middle(at, next) }];
  });
}

/** The arcs as they would run with a grip at another place. */
export function tried(coverage: Coverage, grip: Grip, to: Place): Trial {
  if (grip.kind === "node") {
    const arcs = coverage.arcsAt(grip.at);
    const moved = (place: Place) => (same(place, grip.at) ? to : place);
    return new Map(arcs.map(({ id, coords }) => [id, coords.map(moved)]));
  }
  const coords = coverage.arcs.get(grip.arc)?.coords ?? [];
  const line =
    grip.kind === "vertex"
      ? coords.with(grip.index, to)
      : coords.toSpliced(grip.edge + 1, 0, to);
  return new Map([[grip.arc, line]]);
}

/** The step that puts a grip at another place; of the outline with the neighbour's name. */
export function moveOrder(coverage: Coverage, grip: Grip, to: Place, neighbour: string): Order {
  const isOutline = coverage.arcs.get(grip.arc)?.level === 1;
  if (grip.kind === "node") {
    const { at: node } = grip;
    const onOutline = coverage.arcsAt(node).some(({ level }) => level === 1);
    if (onOutline && neighbour) return order("move_outline_node", { node, to, neighbour });
    return order("move_node", { node, to });
  }
  const arc = grip.arc;
  if (isOutline) return outlineOrder(coverage, grip, to, neighbour);
  if (grip.kind === "vertex") return order("move_vertex", { arc, vertex: grip.index, to });
  return order("add_vertex", { arc, edge: grip.edge, at: to });
}

function outlineOrder(
  coverage: Coverage,
  grip: Exclude<Grip, { kind: "node" }>,
  to: Place,
  neighbour: string,
): Order {
  const first = grip.kind === "vertex" ? grip.index - 1 : grip.edge;
  const last = grip.kind === "vertex" ? grip.index + 1 : grip.edge + 1;
  const coords = coverage.arcs.get(grip.arc)?.coords ?? [];
  const line = [coords[first], to, coords[last]];
  return order("move_outline", { arc: grip.arc, first, last, line, neighbour });
}

function order(kind: string, parameters: Record<string, unknown>): Order {
  return { kind, parameters };
}

/** The lowest units beside some arcs. */
export function facesBeside(coverage: Coverage, arcs: Iterable<number>): number[] {
  const faces = new Set<number>();
  for (const id of arcs) {
    const arc = coverage.arcs.get(id);
    if (arc?.left) faces.add(arc.left);
    if (arc?.right) faces.add(arc.right);
  }
  return [...faces];
}
