// Micro-grids that share a polygon, as the server says them; docs/boundaries-api.md explains each.

import type { Place } from "../contract";

/** Entrances and floors of a building; all of them where none are named. */
export interface Part {
  building: number;
  entrances?: string[];
  floors?: [lowest: number, highest: number];
}

/** A micro-grid without a polygon of its own. */
export interface Share {
  code: string;
  name: string;
  parts: Part[];
}

export interface Building {
  id: number;
  label: string | null;
  floors: number | null;
  households: number | null;
  place: Place;
}

export interface ShareLoad {
  households: number;
  rooms: number;
  premises: number;
  incidents: number;
  open_incidents: number;
}

export interface Highrise {
  unit: number;
  shares: (Share & { load: ShareLoad })[];
  rest: ShareLoad;
  buildings: Building[];
}

export interface HighriseList {
  incident_days: number;
  highrises: Highrise[];
}

/** What it takes to share out one polygon: what stands on it, and codes that are free. */
export interface Standing {
  unit: number;
  buildings: Building[];
  codes: string[];
}
