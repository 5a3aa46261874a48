// The incidents on which nobody is.

import { ask, ServerError } from "../../server";

export interface WaitingIncident {
  id: number;
  /** Of what was reported here; what a file said to be open has none. */
  number: string | null;
  title: string | null;
  category: { zh: string; en: string };
  severity: number;
  /** Premises, else the micro-grid. */
  place: string | null;
  place_en: string | null;
  lon: number;
  lat: number;
  waited_s: number;
}

export interface Unattended {
  reported: number;
  imported: number;
  incidents: WaitingIncident[];
}

/** How they stand now; null for whoever may not see who is sent. */
export async function readUnattended(most: number): Promise<Unattended | null> {
  try {
    return await ask(`/api/incidents/unattended?limit=${most}`);
  } catch (error) {
    if (error instanceof ServerError && [401, 403].includes(error.status)) return null;
    throw error;
  }
}
