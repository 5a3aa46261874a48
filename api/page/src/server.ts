// Questions to the server this page came from. No other host is ever asked.

import type { FeatureCollection, MultiPolygon, Polygon } from "geojson";
import type {
  HotspotAnswer,
  HotspotQuestion,
  Layer,
  NearestAnswer,
  Session,
  Town,
} from "./contract";
import type { NearestQuestion } from "./dispatch/nearest/contract";
import { t } from "./language";

/** The server's refusal, or why it could not be asked, in words for the person at the screen. */
export class ServerError extends Error {
  constructor(
    message: string,
    /** The HTTP status; 0 where nobody answered. */
    readonly status = 0,
    readonly answer: unknown = null,
  ) {
    super(message);
  }
}

export function readTown(): Promise<Town> {
  return ask("/api/town");
}

export function readLayers(): Promise<Layer[]> {
  return ask("/api/layers");
}

export function readSession(): Promise<Session> {
  return ask("/api/session");
}

export async function signOut(csrfToken: string): Promise<void> {
  await ask("/api/session", { method: "DELETE", headers: { "X-CSRF-Token": csrfToken } });
}

/** Who can be at a point first: at most `k` responders, the quickest first. */
export async function findNearest(
  question: NearestQuestion,
  signal: AbortSignal,
): Promise<NearestAnswer> {
  const answer = await execute<NearestAnswer>("nearest-responders", question, signal);
  for (const each of answer.responders) each.in_time = each.eta_s <= answer.hold_s;
  return answer;
}

export function findHotspots(
  question: HotspotQuestion,
  signal: AbortSignal,
): Promise<HotspotAnswer> {
  return execute("hotspots", question, signal);
}

/** The features of a polygon layer whose bounding box touches a point. */
export function readAround(
  layerId: string,
  [lon, lat]: [number, number],
  signal: AbortSignal,
): Promise<FeatureCollection<Polygon | MultiPolygon>> {
  const hair = 1e-6;
  const box = [lon - hair, lat - hair, lon + hair, lat + hair].map((degree) => degree.toFixed(7));
  return ask(`${itemsUrl(layerId)}?f=json&limit=10&bbox=${box.join(",")}`, { signal });
}

/** The newest incidents that nobody has settled yet. */
export function itemsUrl(layerId: string): string {
  return `/ogc/collections/${encodeURIComponent(layerId)}/items`;
}

/** OGC API Tiles: tileMatrix, tileRow, tileCol, in that order. */
export function tilesUrl(layerId: string): string {
  const collection = `/ogc/collections/${encodeURIComponent(layerId)}`;
  return `${location.origin}${collection}/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt`;
}

function execute<Answer>(process: string, inputs: object, signal: AbortSignal): Promise<Answer> {
  return ask(`/ogc/processes/${process}/execution`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ inputs }),
    signal,
  });
}

/** Ask for JSON; a refusal is a `ServerError`. */
export async function ask<Answer>(url: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { Accept: "application/json, application/geo+json", ...init.headers };
  const response = await fetch(url, { ...init, headers }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new ServerError(t("serverSilent"));
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    throw new ServerError(refusal(response.status, answer), response.status, answer);
  }
  return answer as Answer;
}

/** The description in an OGC exception, or the status where there is none. */
function refusal(status: number, answer: unknown): string {
  const described = answer as { description?: unknown; detail?: unknown } | null;
  const words = described?.description ?? described?.detail;
  return typeof words === "string" && words ? words : t("serverRefused", { status });
}
