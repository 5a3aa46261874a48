// What the server says of drafts; docs/boundaries-api.md explains every member.

import type { Feature, FeatureCollection, Geometry, Point } from "geojson";
import type { Drawn } from "./client/contract";
import type { Share } from "./highrise/contract";

export type Place = [lon: number, lat: number];

/** 1 town, 2 villages, 3 grids, 4 micro-grids. */
export type Level = 1 | 2 | 3 | 4;

/** A shared edge; `left` and `right` are micro-grids, 0 is outside. */
export interface Arc {
  id: number;
  coords: Place[];
  left: number;
  right: number;
  /** The highest level that it divides. */
  level: Level;
}

export interface Unit {
  id: number;
  level: Level;
  parent: number;
  code: string;
  name: string;
  name_en: string | null;
  kind: string | null;
  /** The micro-grids that share its polygon, where several do. */
  shares?: Share[];
}

export type DraftState = "open" | "submitted" | "approved" | "effective" | "withdrawn";

export interface Draft {
  id: number;
  name: string;
  state: DraftState;
  author: number | null;
  author_name: string | null;
  approver_name: string | null;
  base_at: string;
  effective_from: string | null;
  revision: number;
  client: string | null;
  created: string;
  updated: string;
  steps: number;
  can_undo: boolean;
  can_redo: boolean;
  is_stale: boolean;
  conflict: Conflict | null;
}

export interface Order {
  kind: string;
  parameters: Record<string, unknown>;
}

export interface Step extends Order {
  number: number;
  author_name: string | null;
  at: string;
  undone: boolean;
}

export interface DraftList {
  drafts: Draft[];
  may_edit: boolean;
  may_move_outline: boolean;
  account: number;
}

export interface DraftDocument {
  draft: Draft;
  steps: Step[];
  arcs: Arc[];
  units: Unit[];
  drawn?: Drawn | null;
}

export interface Edit {
  revision: number;
  step: number;
  can_undo: boolean;
  can_redo: boolean;
  arcs: { changed: Arc[]; gone: number[] };
  units: { changed: Unit[]; gone: number[] };
}

export interface Changes {
  arcs: { changed: Arc[]; before: Arc[] };
  units: { id: number; before: Unit | null; after: Unit | null }[];
}

export interface Versions<Thing> {
  id: number;
  base: Thing | null;
  theirs: Thing | null;
  mine: Thing | null;
}

export interface Conflict {
  arcs: Versions<Arc>[];
  units: Versions<Unit>[];
  rule: string | null;
  place: Place | null;
}

export type Side = "mine" | "theirs";

export interface Choice {
  arcs: Record<string, Side>;
  units: Record<string, Side>;
  otherwise: Side;
}

export interface FaultProperties {
  rule: string;
  text: string;
  unit: number | null;
  code: string | null;
  name: string | null;
}

export type Fault = Feature<Geometry | null, FaultProperties>;

export interface Check {
  revision: number;
  sound: boolean;
  faults: { type: "FeatureCollection"; features: Fault[] };
}

/** Where somebody or something is, by codes; null outside. */
export interface Whereabouts {
  micro_grid: string | null;
  grid: string | null;
}

export interface Moved {
  id: number;
  label: string;
  from: Whereabouts | null;
  to: Whereabouts | null;
}

export interface Report {
  units: {
    id: number;
    level: Level;
    before: Unit | null;
    after: Unit | null;
    area_before_m2: number | null;
    area_after_m2: number | null;
  }[];
  lineage: { unit: number; became: number; code: string; became_code: string }[];
  premises: Moved[];
  incidents: Moved[];
  members: {
    account: number;
    name: string;
    grid: { code: string; name: string } | null;
    after: { code: string; name: string } | null;
  }[];
  counts: { premises: number; incidents: number; members: number };
}

export interface CommentProperties {
  text: string;
  nickname: string | null;
  at: string;
  by_link: boolean;
}

export type Comments = FeatureCollection<Point, CommentProperties>;

export interface Link {
  id: number;
  label: string;
  created: string;
  expires: string;
}

/** What is counted: places of equal length, each with how much of it there is. */
export interface Burdens {
  /** By level: least and most households of a unit. */
  bands: Partial<Record<Level, [least: number, most: number]>>;
  incident_days: number;
  /** By what is counted: longitude, latitude and number, one place after the other. */
  points: Record<string, number[]>;
}

/** What a refusal says beside its words, where a rule of the coverage would be broken. */
export interface Refusal {
  rule?: string | null;
  place?: Place | null;
  units?: number[];
  conflict?: Conflict;
  faults?: { features: Fault[] };
}
