// What is being drawn to close streets: points clicked one after the other, or streets picked.

import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { Found, LonLat } from "../../map/view";
import type { Where } from "./server";

export type Tool = "streets" | "along" | "barrier" | "area";
export const TOOLS: readonly Tool[] = ["streets", "along", "barrier", "area"];

export class Sketch {
  #points: LonLat[] = [];
  #streets: number[] = [];

  constructor(readonly tool: Tool) {}

  /** A click on the map: a corner more, or a street in or out. Says whether anything changed. */
  click(at: LonLat, found: readonly Found[]): boolean {
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

  back(): void {
    this.#points.pop();
    this.#streets.pop();
  }

  get isEmpty(): boolean {
    return !this.#points.length && !this.#streets.length;
  }

  /** Where it is, as the server takes it; null while it isn't enough. */
  where(): Pick<Where, "geometry" | "as" | "streets"> | null {
    if (this.tool === "streets") return this.#streets.length ? { streets: this.#streets } : null;
    const geometry = this.#geometry();
    return geometry && geometry.type !== "Point" ? { geometry, as: this.tool } : null;
  }

  /** To be drawn on the map. */
  drawn(): FeatureCollection {
    const geometry = this.#geometry();
    const corners: Feature[] = this.#points.map((coordinates) => feature({ type: "Point", coordinates }));
    return { type: "FeatureCollection", features: [...(geometry ? [feature(geometry)] : []), ...corners] };
  }

  #geometry(): Geometry | null {
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
