// What the search box asks the server.

import { ask, ServerError } from "../../server";
import type { LonLat } from "../../map/view";
import type { PlacesAnswer } from "./contract";

const MOST = 8;
const ALIASES = "/api/places/aliases";

export function findPlaces(text: string, near: LonLat | null, signal: AbortSignal): Promise<PlacesAnswer> {
  const asked = new URLSearchParams({ q: text, limit: String(MOST) });
  if (near) {
    asked.set("lon", near[0].toFixed(6));
    asked.set("lat", near[1].toFixed(6));
  }
  return ask(`/api/places?${asked}`, { signal });
}

/** Whether this visitor may give places other names. */
export async function mayName(): Promise<boolean> {
  try {
    return (await ask<{ may_name: boolean }>(ALIASES)).may_name;
  } catch (error) {
    if (error instanceof ServerError) return false;
    throw error;
  }
}

export async function addAlias(name: string, [lon, lat]: LonLat): Promise<void> {
  await ask(ALIASES, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name, lon, lat }),
  });
}

export async function removeAlias(id: string): Promise<void> {
  await ask(`${ALIASES}/${id.slice(id.indexOf(":") + 1)}`, { method: "DELETE" });
}
