// Names of villages, grids and micro-grids, each written once.
//
// Tiles cut a unit into pieces, and every piece would carry the name. So the pieces on the screen are
// gathered and the name stands in the largest.

import type { Feature, FeatureCollection, MultiPolygon, Point, Polygon, Position } from "geojson";
import type { Layer } from "../contract";

/** From which zoom the units of a layer are named. */
export const NAMED_FROM: Partial<Record<string, number>> = {
  villages: 11,
  grids: 14.5,
  "micro-grids": 16.5,
};

export interface NameProperties {
  layer: string;
  name: string;
  name_en: string;
}

export type Names = FeatureCollection<Point, NameProperties>;

export interface Piece {
  id: string | number;
  shape: Polygon | MultiPolygon;
  properties: Record<string, unknown>;
}

/** Layers whose units are named now; villages are not, where the places layer names them. */
export function namedLayers(
  layers: readonly Layer[],
  visible: ReadonlySet<string>,
  zoom: number,
): string[] {
  const places = layers.find(({ id }) => id === "places");
  const placesSpeak = Boolean(places?.count && visible.has("places"));
  return Object.entries(NAMED_FROM)
    .filter(([id, from]) => visible.has(id) && from !== undefined && zoom >= from)
    .map(([id]) => id)
    .filter((id) => id !== "villages" || !placesSpeak);
}

/** One point a unit, in the middle of its largest piece. */
export function namesOf(layer: string, pieces: Iterable<Piece>): Feature<Point, NameProperties>[] {
  const largest = new Map<string | number, { area: number; ring: Position[]; piece: Piece }>();
  for (const piece of pieces) {
    for (const [ring = []] of polygonsOf(piece.shape)) {
      const area = Math.abs(signedArea(ring));
      if (area > (largest.get(piece.id)?.area ?? 0)) largest.set(piece.id, { area, ring, piece });
    }
  }
  return [...largest.values()].map(({ ring, piece: { properties } }) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: centroid(ring) },
    properties: {
      layer,
      name: String(properties.name ?? ""),
      name_en: String(properties.name_en ?? properties.name ?? ""),
    },
  }));
}

function polygonsOf(shape: Polygon | MultiPolygon): Position[][][] {
  return shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
}

/** Twice the area, by the shoelace formula; relative to the first vertex, for precision. */
function signedArea(ring: Position[]): number {
  return edges(ring).reduce((sum, [[x0, y0], [x1, y1]]) => sum + x0 * y1 - x1 * y0, 0);
}

function centroid(ring: Position[]): Position {
  const [x = 0, y = 0] = ring[0] ?? [];
  let [sumX, sumY] = [0, 0];
  for (const [[x0, y0], [x1, y1]] of edges(ring)) {
    const cross = x0 * y1 - x1 * y0;
    sumX += (x0 + x1) * cross;
    sumY += (y0 + y1) * cross;
  }
  const area = signedArea(ring);
  return area ? [x + sumX / (3 * area), y + sumY / (3 * area)] : [x, y];
}

type Corner = [x: number, y: number];

/** The edges of a ring, seen from its first vertex. */
function edges(ring: Position[]): [Corner, Corner][] {
  const [x = 0, y = 0] = ring[0] ?? [];
  const corners = ring.map(([lon = 0, lat = 0]): Corner => [lon - x, lat - y]);
  return corners.slice(1).map((corner, i) => [corners[i] ?? corner, corner]);
}
