// Metres and shapes. Degrees are stretched to metres at the place itself: within a town exact to
// some parts in ten thousand, enough to show; the server measures in the town's own CRS.

import type { Place } from "../contract";

const METRES_PER_DEGREE = 111_319.5;

/** Metres of a degree of longitude and of latitude there. */
function scaleAt(lat: number): [x: number, y: number] {
  return [METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180), METRES_PER_DEGREE];
}

export function distance_m([lon0, lat0]: Place, [lon1, lat1]: Place): number {
  const [x, y] = scaleAt(lat0);
  return Math.hypot((lon1 - lon0) * x, (lat1 - lat0) * y);
}

export function length_m(line: readonly Place[]): number {
  return line.slice(1).reduce((sum, place, i) => sum + distance_m(line[i] as Place, place), 0);
}

/** A place so many metres to the east and to the north. */
export function moved([lon, lat]: Place, east_m: number, north_m: number): Place {
  const [x, y] = scaleAt(lat);
  return tidy([lon + east_m / x, lat + north_m / y]);
}

/** To the millimetre: more digits than any survey has. */
export function tidy([lon, lat]: Place): Place {
  return [Number(lon.toFixed(8)), Number(lat.toFixed(8))];
}

export function middle([lon0, lat0]: Place, [lon1, lat1]: Place): Place {
  return [(lon0 + lon1) / 2, (lat0 + lat1) / 2];
}

export function same(one: Place | undefined, other: Place | undefined): boolean {
  return Boolean(one && other) && one?.[0] === other?.[0] && one?.[1] === other?.[1];
}

/** Twice the signed area in square degrees: above 0 counter-clockwise. */
export function ringArea(ring: readonly Place[]): number {
  const [x = 0, y = 0] = ring[0] ?? [];
  let sum = 0;
  for (let i = 1; i < ring.length; i++) {
    const [x0, y0] = ring[i - 1] as Place;
    const [x1, y1] = ring[i] as Place;
    sum += (x0 - x) * (y1 - y) - (x1 - x) * (y0 - y);
  }
  return sum;
}

/** Square metres of polygons, holes left out. */
export function area_m2(polygons: readonly Place[][][]): number {
  const rings = polygons.flat();
  const [x, y] = scaleAt(rings[0]?.[0]?.[1] ?? 0);
  return (Math.abs(rings.reduce((sum, ring) => sum + ringArea(ring), 0)) / 2) * x * y;
}

/** Polsby and Popper's 4π·area/perimeter²: 1 for a disk. */
export function compactness(polygons: readonly Place[][][]): number {
  const around = polygons.flat().reduce((sum, ring) => sum + length_m(ring), 0);
  return around ? (4 * Math.PI * area_m2(polygons)) / around ** 2 : 0;
}

/** Even-odd rule over all rings: how often a ray to the east crosses them. */
export function holds(rings: readonly Place[][], [lon, lat]: Place): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [x0, y0] = ring[i - 1] as Place;
      const [x1, y1] = ring[i] as Place;
      if (y0 > lat !== y1 > lat && lon < ((x1 - x0) * (lat - y0)) / (y1 - y0) + x0) inside = !inside;
    }
  }
  return inside;
}

export type Box = [west: number, south: number, east: number, north: number];

export function boxOf(places: Iterable<Place>): Box {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of places) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** The centroid of a ring. */
export function centroid(ring: readonly Place[]): Place {
  const [x = 0, y = 0] = ring[0] ?? [];
  let [sumX, sumY] = [0, 0];
  for (let i = 1; i < ring.length; i++) {
    const [x0, y0] = [(ring[i - 1] as Place)[0] - x, (ring[i - 1] as Place)[1] - y];
    const [x1, y1] = [(ring[i] as Place)[0] - x, (ring[i] as Place)[1] - y];
    sumX += (x0 + x1) * (x0 * y1 - x1 * y0);
    sumY += (y0 + y1) * (x0 * y1 - x1 * y0);
  }
  const area = ringArea(ring);
  return area ? [x + sumX / (3 * area), y + sumY / (3 * area)] : [x, y];
}

/** Pixels on the screen. */
export type Pixel = [x: number, y: number];

/** The point of a line of pixels that is nearest to another pixel, and how far it is. */
export function nearestOnLine(
  line: readonly Pixel[],
  [x, y]: Pixel,
): { at: Pixel; edge: number; distance: number } {
  let best = { at: line[0] ?? ([0, 0] as Pixel), edge: 0, distance: Infinity };
  for (let i = 1; i < line.length; i++) {
    const [x0, y0] = line[i - 1] as Pixel;
    const [x1, y1] = line[i] as Pixel;
    const squared = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const share = squared ? ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared : 0;
    const along = Math.min(1, Math.max(0, share));
    const at: Pixel = [x0 + along * (x1 - x0), y0 + along * (y1 - y0)];
    const distance = Math.hypot(x - at[0], y - at[1]);
    if (distance < best.distance) best = { at, edge: i - 1, distance };
  }
  return best;
}
