// Questions about what map clients drew to the server this page came from.

import type { FeatureCollection } from "geojson";
import { ask } from "../../server";
import type { Draft } from "../contract";
import type { DraftServer } from "../server";
import type { Face, Offer } from "./contract";

export async function readFaces(draft: number): Promise<Face[]> {
  const { features } = await ask<FeatureCollection>(`/api/drafts/${draft}/faces`);
  return features as unknown as Face[];
}

/** Make what was drawn a step; where the outline moves the town beyond is named. */
export async function settle(server: DraftServer, { id, revision }: Draft, neighbour: string): Promise<void> {
  await server.post(id, "settle", { revision, ...(neighbour && { neighbour }) });
}

/** Forget what was drawn of a unit, or all of it. */
export async function discard(server: DraftServer, { id, revision }: Draft, unit: number | null): Promise<void> {
  await server.post(id, "discard", { revision, ...(unit !== null && { unit }) });
}

/** What a repair up to a width would do; done only with `apply`. */
export function repair(server: DraftServer, { id, revision }: Draft, widthM: number, apply: boolean): Promise<Offer> {
  return server.post(id, "repair", { revision, width_m: widthM, apply });
}
