// Files from the server and to it.

import type { FeatureCollection, Geometry } from "geojson";
import { t as say } from "../language";
import { ask, ServerError } from "../server";
import type { Place } from "./contract";
import type { Picture } from "./map/picture";

/** A fault of a file that was to become a draft. */
export interface FlawProperties {
  kind: "crossing" | "overlap" | "gap" | "unmatched" | "uncovered" | "beyond" | "splinter";
  level: string;
  units: string;
  width_m: number;
  area_m2: number;
  place: Place;
}

export type Flaws = FeatureCollection<Geometry, FlawProperties>;

/** What a refused file says beside its words, where its units don't tile the town. */
export interface FaultyFile {
  fault_count: number;
  clean_width_m: number;
  faults: Flaws;
}

export interface Imported {
  draft: number | null;
  changed: number;
  new: number;
  gone: number;
  notes: string[];
}

type Asked = Record<string, string>;

export async function readPictures(): Promise<Picture[]> {
  return (await ask<{ pictures: Picture[] }>("/api/basemaps")).pictures;
}

/** Fetch a file and save it; what it is called. */
export async function download(path: string, asked: Asked = {}): Promise<string> {
  const response = await fetch(withQuery(path, asked)).catch(() => null);
  if (!response) throw new ServerError(say("serverSilent"));
  if (!response.ok) throw new ServerError(await refusal(response), response.status);
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "file";
  save(await response.blob(), name);
  return name;
}

export function importFile(file: File, asked: Asked): Promise<Imported> {
  const url = withQuery("/api/grids/import", { file: file.name, ...asked });
  return ask(url, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
}

async function refusal(response: Response): Promise<string> {
  const { description } = (await response.json().catch(() => ({}))) as { description?: string };
  return description ?? say("serverRefused", { status: response.status });
}

/** A path with what is asked for; what is empty is left out. */
function withQuery(path: string, asked: Asked): string {
  const said = Object.entries(asked).filter(([, value]) => value !== "");
  return said.length ? `${path}?${new URLSearchParams(said)}` : path;
}

function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
