// What is being drawn to close streets: lines drawn by hand, points clicked one after the other, or
// streets picked.

import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { Found, LonLat } from "../../map/view";
import type { Where } from "./server";

export type Tool = "freehand" | "streets" | "along" | "barrier" | "area";
export const TOOLS: readonly Tool[] = ["freehand", "streets", "along", "barrier", "area"];

export class Sketch {
  #points: LonLat[] = [];
  #streets: number[] = [];
  #strokes: LonLat[][] = [];

  constructor(readonly tool: Tool) {}

  /** A click on the map: a corner more, or a street in or out. Says whether anything changed. */
  click(at: LonLat, found: readonly Found[]): boolean {
    if (this.tool === "freehand") return false;
    if (this.tool !== "streets") {
      this.#points.push(at);
      return true;
    }
    const id = found.find(({ layerId }) => layerId === "streets")?.id;
    if (id === undefined) return false;
    const picked = Number(id);
    this.#streets = this.#streets.includes(picked)
      ? this.#streets.filter((each) => each !== picked)
      : [...this.#streets, picked];
    return true;
  }

  /** A line drawn in one go. */
  stroke(points: LonLat[]): void {
    this.#strokes.push(points);
  }

  back(): void {
    this.#strokes.pop();
    this.#points.pop();
    this.#streets.pop();
  }

  /** Where it is, as the server takes it; null while it isn't enough. */
  where(): Pick<Where, "geometry" | "as" | "streets"> | null {
    if (this.tool === "streets") return this.#streets.length ? { streets: this.#streets } : null;
    const geometry = this.#geometry();
    if (!geometry || geometry.type === "Point") return null;
    // What is drawn by hand lies along streets, or across them: the server sees which.
    return this.tool === "freehand" ? { geometry } : { geometry, as: this.tool };
  }

  /** To be drawn on the map, with the line that a hand is drawing just now. */
  drawn(trace: LonLat[] = []): FeatureCollection {
    const geometry = this.#geometry(trace.length > 1 ? [trace] : []);
    const corners: Feature[] = this.#points.map((coordinates) => feature({ type: "Point", coordinates }));
    return { type: "FeatureCollection", features: [...(geometry ? [feature(geometry)] : []), ...corners] };
  }

  #geometry(traced: LonLat[][] = []): Geometry | null {
    const strokes = [...this.#strokes, ...traced];
    if (strokes.length) return { type: "MultiLineString", coordinates: strokes };
    const [first, ...more] = this.#points;
    if (!first) return null;
    if (!more.length) return { type: "Point", coordinates: first };
    if (this.tool === "area" && more.length > 1) {
      return { type: "Polygon", coordinates: [[...this.#points, first]] };
    }
    if (this.tool === "area") return null;
    return { type: "LineString", coordinates: this.#points };
  }
}

function feature(geometry: Geometry): Feature {
  return { type: "Feature", geometry, properties: {} };
}
