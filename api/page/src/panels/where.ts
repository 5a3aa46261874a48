// In which village, grid and micro-grid a point lies.

import type { MultiPolygon, Polygon, Position } from "geojson";
import { h } from "../dom";
import { nameOf, t } from "../language";
import { readAround, ServerError } from "../server";

const LEVELS = ["villages", "grids", "micro-grids"];

let asked: AbortController | null = null;

/** Write the chain of units that hold a point into `place`; nothing where nobody knows. */
export function whereIs(at: [lon: number, lat: number], place: HTMLElement): void {
  place.replaceChildren();
  asked?.abort();
  const { signal } = (asked = new AbortController());
  void Promise.all(LEVELS.map((level) => unitAt(level, at, signal))).then((units) => {
    const known = units.filter((unit) => unit !== null);
    if (signal.aborted || !known.length) return;
    place.replaceChildren(
      h("span", { class: "small" }, () => t("here")),
      h("span", {}, () => chain(known.map(nameOf))),
    );
  });
}

interface Unit {
  name: string;
  name_en: string | null;
}

/** From the largest to the smallest, without what each repeats of the one before. */
function chain(names: string[]): string {
  const [first, ...smaller] = names;
  const whole = first ?? "";
  return [whole, ...smaller.map((name) => name.replace(whole, "").trim() || name)].join(" › ");
}

async function unitAt(level: string, at: Position, signal: AbortSignal): Promise<Unit | null> {
  const around = await readAround(level, at as [number, number], signal).catch((error: unknown) => {
    // Where a point lies is an extra: without it the answer stands.
    if (signal.aborted || error instanceof ServerError) return null;
    throw error;
  });
  const found = around?.features.find(({ geometry }) => holds(geometry, at));
  return (found?.properties as Unit | undefined) ?? null;
}

function holds(shape: Polygon | MultiPolygon, at: Position): boolean {
  const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  return polygons.some((rings) => rings.filter((ring) => inRing(ring, at)).length % 2 === 1);
}

/** Even-odd rule: how often a ray to the east crosses the ring. */
function inRing(ring: Position[], [lon = 0, lat = 0]: Position): boolean {
  let inside = false;
  for (let i = 1; i < ring.length; i++) {
    const [x0 = 0, y0 = 0] = ring[i - 1] ?? [];
    const [x1 = 0, y1 = 0] = ring[i] ?? [];
    const crosses = y0 > lat !== y1 > lat && lon < ((x1 - x0) * (lat - y0)) / (y1 - y0) + x0;
    if (crosses) inside = !inside;
  }
  return inside;
}
