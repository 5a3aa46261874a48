// Questions about the coverage without a draft to the server this page came from.

import { ask } from "../../server";
import type { Arc, Unit } from "../contract";

/** The coverage of today. */
export interface CoverageDocument {
  /** When it began to hold. */
  began: string;
  arcs: Arc[];
  units: Unit[];
}

/** An approved draft whose moment is to come. */
export interface Planned {
  id: number;
  name: string;
  author_name: string | null;
  approver_name: string | null;
  effective_from: string;
  /** How many units it changes. */
  units: number;
  /** False where an earlier draft stands against it; `hindrance` says why. */
  comes_about: boolean;
  hindrance: string | null;
}

/** The coverage as it will be from the moment of one of them on. */
export interface PlannedCoverage {
  planned: Planned;
  after: Planned[];
  arcs: Arc[];
  units: Unit[];
  /** What that draft changes of the coverage right before it. */
  changed: { arcs: number[]; units: number[]; gone: Unit[] };
}

export function readCoverage(): Promise<CoverageDocument> {
  return ask("/api/coverage");
}

export async function readPlanned(): Promise<Planned[]> {
  const { planned } = await ask<{ planned: Planned[] }>("/api/coverage/planned");
  return planned;
}

export function readPlannedCoverage(id: number, signal: AbortSignal): Promise<PlannedCoverage> {
  return ask(`/api/coverage/planned/${id}`, { signal });
}
