// What the server says of what a map client drew; docs/boundaries-api.md explains every member.

import type { Feature, FeatureCollection, Geometry, LineString, MultiPolygon, Point } from "geojson";
import type { FaultProperties, Level } from "../contract";

/** A fault with all units concerned; gaps and overlaps say how wide they are. */
export interface DrawnFaultProperties extends FaultProperties {
  units?: number[];
  width_m?: number;
}

export type DrawnFault = Feature<Geometry | null, DrawnFaultProperties>;

/** What a client sent since the last step, and whether that is a coverage. */
export interface Drawn {
  client: string;
  units: number;
  clean: boolean;
  moves_outline: boolean;
  /** A repair up to this width may be enough; null where more is wrong. */
  repair_width_m: number | null;
  faults: FeatureCollection<Geometry | null, DrawnFaultProperties>;
}

export interface FaceProperties {
  level: Level;
  parent: number;
  code: string;
  name: string;
  name_en: string | null;
  gone: boolean;
  new: boolean;
  at: string | null;
}

/** A unit as its client left it; without a geometry its shape is as it was. */
export type Face = Feature<MultiPolygon | null, FaceProperties> & { id: number };

export interface PlaceProperties {
  kind: "moved" | "added";
  unit: number;
  distance_m: number;
}

export type RepairPlace = Feature<LineString | Point, PlaceProperties>;

/** What a repair would do, or has done. */
export interface Offer {
  width_m: number;
  clean_afterwards: boolean;
  vertices_moved: number;
  farthest_m: number;
  vertices_added: number;
  area_m2: number;
  units: { id: number; code: string; name: string; drawn: boolean }[];
  places: FeatureCollection<LineString | Point, PlaceProperties>;
  faults: FeatureCollection<Geometry | null, DrawnFaultProperties>;
  applied: boolean;
}
