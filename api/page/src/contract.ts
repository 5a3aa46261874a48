// What the server says, as the page reads it.

import type { Feature, FeatureCollection, LineString, Polygon } from "geojson";
import type { Both, LeftOut, Neighbour, Verdict } from "./dispatch/nearest/contract";

export interface Named {
  code: string;
  name: string;
  name_en: string;
}

export interface Category extends Named {
  department: string | null;
}

/** Something that a responder has or can do. */
export interface Skill extends Named {
  kind: "licence" | "training" | "language" | "equipment";
}

export interface Town {
  code: string;
  name: string;
  name_en: string;
  synthetic: boolean;
  /** When a synthetic town's clock stands still; null in a real one. */
  as_of: string | null;
  now: string;
  time_zone: string;
  /** West, south, east, north in degrees; null while nobody has said where the town is. */
  bounds: [number, number, number, number] | null;
  center: [number, number] | null;
  map_approval_number: string;
  shows_internal: boolean;
  /** First and last day with incidents; null while there are none. */
  incident_window: { from: string; to: string } | null;
  departments: Named[];
  skills: Skill[];
  categories: Category[];
}

/** Who looks at the page; only `signed_in` and `role` are there for a visitor. */
export interface Session {
  signed_in: boolean;
  role: string;
  /** What is missing to be signed in: "code" or "enrolment" of a second factor, "new-password". */
  pending?: string | null;
  display_name?: string;
  role_title?: string;
  role_title_en?: string;
  csrf_token?: string;
}

export interface Field {
  name: string;
  title: string;
  title_en: string;
  type: string;
  unit: string | null;
  codes: Record<string, [zh: string, en: string]>;
}

export interface Layer {
  id: string;
  title: string;
  title_en: string;
  description: string;
  description_en: string;
  geometry: "point" | "line" | "polygon";
  release: "public" | "internal";
  attribution: string | null;
  min_zoom: number;
  max_zoom: number;
  default_visible: boolean;
  count: number | null;
  fields: Field[];
}

export type Mode = "foot" | "ebike" | "car" | "emergency";

export interface Responder {
  key: string;
  label: string;
  department: string | null;
  mode: Mode;
  state: "free" | "break" | "ordered" | "on_scene";
  /** Until it is there: setting off and the way. */
  eta_s: number;
  /** Four of five arrivals lie between. */
  eta_low_s: number;
  eta_high_s: number;
  /** That it is there in time. */
  hold_probability: number;
  /** Whether that is what is reckoned. */
  in_time: boolean;
  distance_m: number;
  why: Both;
  lon: number;
  lat: number;
  /** From where the responder meets the streets to where the incident does. */
  route: LineString;
}

export interface NearestAnswer {
  /** `snap` says for each mode where on the streets the point was taken to lie. */
  incident: { lon: number; lat: number; snap: Partial<Record<Mode, { distance_m: number }>> };
  verdict: Verdict;
  responders: Responder[];
  /** How many more could come, later. */
  further: number;
  left_out: LeftOut[];
  neighbours: Neighbour[];
  hold_s: number;
  what_if: boolean;
}

export type HotspotClass =
  | "hot_99"
  | "hot_95"
  | "hot_90"
  | "not_significant"
  | "cold_90"
  | "cold_95"
  | "cold_99";

export interface HotspotProperties {
  h3: string;
  count: number;
  neighbourhood_count: number;
  z: number;
  p: number;
  class: HotspotClass;
}

export type HotspotCell = Feature<Polygon, HotspotProperties>;
export type HotspotAnswer = FeatureCollection<Polygon, HotspotProperties>;

export interface HotspotQuestion {
  resolution: number;
  from: string;
  to: string;
  /** Empty for all categories. */
  categories: string[];
}
