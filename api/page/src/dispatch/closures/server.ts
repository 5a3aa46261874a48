// Questions about closures, and what is answered.

import type { FeatureCollection, MultiLineString, Geometry } from "geojson";
import type { Mode } from "../../contract";
import { ask, ServerError } from "../../server";

export interface ClosureProperties {
  state: "in_force" | "planned";
  kind: "closed" | "slow";
  speed_share: number;
  reason: string;
  names: string | null;
  /** Whom it binds. */
  modes: string | null;
  starts: string;
  ends: string | null;
  streets: number;
  length_m: number;
  lost_m?: number;
  note?: string | null;
  author?: string | null;
}

export interface Closures extends FeatureCollection<MultiLineString, ClosureProperties> {
  /** Whether whoever asked closes streets. */
  may_close: boolean;
}

/** What is closed, and how; the rest of the plan says until when and why. */
export interface Where {
  geometry?: Geometry;
  as?: "along" | "barrier" | "area";
  streets?: number[];
  kind: "closed" | "slow";
  speed_share?: number;
  /** Whom it binds; everybody without. */
  modes?: Mode[];
}

export interface Plan extends Where {
  minutes?: number;
  ends?: string;
  reason: string;
  note?: string;
}

export interface Effects {
  streets: number;
  length_m: number;
  warnings: { zh: string; en: string }[];
}

export interface Preview {
  geometry: MultiLineString;
  effects: Effects;
}

export function readClosures(): Promise<Closures> {
  return ask("/api/closures");
}

export function previewClosure(where: Where, signal: AbortSignal): Promise<Preview> {
  return post("/api/closures/preview", "POST", where, signal);
}

export function addClosure(plan: Plan): Promise<{ effects: Effects }> {
  return post("/api/closures", "POST", plan);
}

export function extendClosure(id: number, ends: string): Promise<unknown> {
  return post(`/api/closures/${id}`, "PATCH", { ends });
}

export async function endClosure(id: number): Promise<void> {
  try {
    await ask(`/api/closures/${id}`, { method: "DELETE" });
  } catch (error) {
    // It had ended by itself, or somebody else was faster.
    if (!(error instanceof ServerError && error.status === 404)) throw error;
  }
}

function post<Answer>(url: string, method: string, body: object, signal?: AbortSignal): Promise<Answer> {
  const headers = { "Content-Type": "application/json" };
  return ask(url, { method, headers, body: JSON.stringify(body), ...(signal && { signal }) });
}
