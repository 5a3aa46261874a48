// To streets and waters, while something is dragged or drawn.

import type { Position } from "geojson";
import type { Place } from "../contract";
import { nearestOnLine, tidy, type Pixel } from "../model/plane";
import type { Beside, GridMap } from "./view";

/** How near in pixels a corner of a street, or its course, has to be to draw a place onto it. */
const CORNER_PX = 9;
const COURSE_PX = 11;

/** Where a pointer means to be. */
export interface Snapped {
  place: Place;
  /** What it was drawn onto; null where it stays where it is. */
  onto: Beside | null;
}

/** The place meant by a pixel: on a street or at the water's edge, where one is near. */
export function snap(map: GridMap, pixel: Pixel, wanted: boolean): Snapped {
  const free = { place: tidy(map.place(pixel)), onto: null };
  if (!wanted) return free;
  let best: { distance: number; place: Place; onto: Beside } | null = null;
  for (const beside of map.beside(pixel, COURSE_PX)) {
    for (const line of linesOf(beside)) {
      const found = nearest(map, line, pixel);
      if (found && found.distance < (best?.distance ?? Infinity)) best = { ...found, onto: beside };
    }
  }
  return best ? { place: tidy(best.place), onto: best.onto } : free;
}

/** Corners before courses: a crossing of two streets is what people mean. */
function nearest(
  map: GridMap,
  line: Place[],
  pixel: Pixel,
): { distance: number; place: Place } | null {
  const pixels = line.map((place) => map.pixel(place));
  const far = (at: Pixel) => Math.hypot(at[0] - pixel[0], at[1] - pixel[1]);
  const corner = pixels.reduce((least, at, i) => (far(at) < far(pixels[least] as Pixel) ? i : least), 0);
  const toCorner = far(pixels[corner] as Pixel);
  if (toCorner <= CORNER_PX) return { distance: toCorner / 2, place: line[corner] as Place };
  const { at, distance } = nearestOnLine(pixels, pixel);
  return distance <= COURSE_PX ? { distance, place: map.place(at) } : null;
}

function linesOf({ geometry }: Beside): Place[][] {
  const places = (line: Position[]) => line as Place[];
  switch (geometry.type) {
    case "LineString":
      return [places(geometry.coordinates)];
    case "MultiLineString":
    case "Polygon":
      return geometry.coordinates.map(places);
    case "MultiPolygon":
      return geometry.coordinates.flat().map(places);
    default:
      return [];
  }
}
