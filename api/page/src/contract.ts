// What the server says, as the page reads it.

import type { Feature, FeatureCollection, LineString, Polygon } from "geojson";

export interface Named {
  code: string;
  name: string;
  name_en: string;
}

export interface Category extends Named {
  department: string | null;
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

export type Mode = "foot" | "ebike" | "car";

export interface Responder {
  key: string;
  label: string;
  department: string | null;
  mode: Mode;
  travel_time_s: number;
  distance_m: number;
  holds_180_s: boolean;
  lon: number;
  lat: number;
  /** From where the responder meets the streets to where the incident does. */
  route: LineString;
}

export interface Unreachable {
  key: string;
  label: string;
  department: string | null;
  mode: Mode;
  reason: "off_street" | "incident_off_street" | "no_way";
}

export interface NearestAnswer {
  /** `snap` says for each mode where on the streets the point was taken to lie. */
  incident: { lon: number; lat: number; snap: Partial<Record<Mode, { distance_m: number }>> };
  responders: Responder[];
  unreachable: Unreachable[];
}

export interface IncidentProperties {
  category: string;
  category_name: string;
  occurred_at: string;
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
