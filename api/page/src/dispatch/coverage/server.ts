// What the page asks of coverage and standby.

import type { FeatureCollection, Point } from "geojson";
import type { Mode } from "../../contract";
import { ask } from "../../server";

export type Depth = "single" | "double";

/** Shares from 0 to 1; null where there is nothing of the kind, or it isn't told. */
export interface Reached {
  share_premises: number | null;
  share_rooms: number | null;
  share_expected: number | null;
  premises_outside: number;
  rooms_outside: number | null;
  expected_outside_per_hour: number;
}

export type Limit = { seconds: number } & Record<Depth, Reached>;

export interface Coverage {
  responders: number;
  limits: Limit[];
  /** A digit for each cell: the number of the first limit within which somebody is there. */
  cells: { version: string } & Record<Depth, string>;
}

export interface Stand {
  lon: number;
  lat: number;
  /** Share of the expected incidents that it adds. */
  gain: number;
  label: string | null;
  /** Where the team is now. */
  from: [lon: number, lat: number] | null;
  travel_time_s: number | null;
}

export interface Standby {
  mode: Mode;
  share_now: number;
  share_then: number;
  share_bound: number;
  stands: Stand[];
  one_more: Stand | null;
}

export function readCoverage(signal: AbortSignal): Promise<Coverage> {
  return ask("/api/response-coverage", { signal });
}

export function readPremisesOutside(
  seconds: number,
  signal: AbortSignal,
): Promise<FeatureCollection<Point, { name: string }>> {
  return ask(`/api/response-coverage/premises?seconds=${seconds}`, { signal });
}

export function askStandby(
  question: { teams: number; seconds: number },
  signal: AbortSignal,
): Promise<Standby> {
  return ask("/api/standby", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
    signal,
  });
}

/** Read by the map itself; the version makes it the same for as long as the streets are. */
export function cellsUrl(version: string): string {
  return `${location.origin}/api/response-coverage/cells?version=${version}`;
}
