// Questions about high-rises to the server this page came from.

import { ask } from "../../server";
import type { HighriseList, Standing } from "./contract";

/** The shared polygons of a draft, with what each micro-grid on them looks after. */
export function readHighrises(draft: number): Promise<HighriseList> {
  return ask(`/api/drafts/${draft}/highrises`);
}

/** What stands on a unit of a draft, and codes that are free beside its own. */
export function readStanding(draft: number, unit: number): Promise<Standing> {
  return ask(`/api/drafts/${draft}/highrises/${unit}`);
}
