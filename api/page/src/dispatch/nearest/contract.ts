// What the server says of who can be there first, beside the responders themselves.

import type { Geometry, LineString } from "geojson";
import type { Mode } from "../../contract";

export interface Both {
  zh: string;
  en: string;
}

export interface Verdict {
  code: "holds" | "at_risk" | "nobody_within";
  words: Both;
}

export interface LeftOut {
  key: string;
  label: string;
  department: string | null;
  mode: Mode;
  reason: string;
  words: Both;
}

export interface Neighbour {
  key: string;
  neighbour: string;
  name: string;
  phone: string | null;
  eta_s: number | null;
  route: LineString | null;
  why: Both;
}

/** What is to be taken for true, though it isn't. */
export interface WhatIf {
  moved?: { key: string; lon: number; lat: number }[];
  added?: { label: string; mode: Mode; lon: number; lat: number }[];
  without?: string[];
  closures?: { geometry: Geometry; radius_m: number }[];
}

export interface NearestQuestion {
  lon: number;
  lat: number;
  k: number;
  mode?: Mode;
  departments?: string[];
  skills?: string[];
  what_if?: WhatIf;
}
