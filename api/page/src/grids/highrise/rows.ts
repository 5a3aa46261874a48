// The table as somebody types it, and what it means; pure.

import type { Part, Share } from "./contract";

export interface PartRow {
  building: number;
  /** Names of entrances, between commas; empty for all. */
  entrances: string;
  lowest: string;
  highest: string;
}

export interface ShareRow {
  code: string;
  name: string;
  parts: PartRow[];
}

const BETWEEN = /[,,、;;\s]+/;
const HIGHEST = 300;

export function rowsOf(shares: readonly Share[]): ShareRow[] {
  return shares.map(({ code, name, parts }) => ({ code, name, parts: parts.map(rowOf) }));
}

function rowOf({ building, entrances, floors }: Part): PartRow {
  const [lowest, highest] = floors ?? ["", ""];
  return { building, entrances: (entrances ?? []).join("、"), lowest: String(lowest), highest: String(highest) };
}

export function sharesOf(rows: readonly ShareRow[]): Share[] {
  return rows.map(({ code, name, parts }) => ({ code: code.trim(), name: name.trim(), parts: parts.map(partOf) }));
}

export function partOf({ building, entrances, lowest, highest }: PartRow): Part {
  const named = [...new Set(entrances.split(BETWEEN).filter(Boolean))].sort();
  const floors = readFloors(lowest, highest);
  return { building, ...(named.length && { entrances: named }), ...(Array.isArray(floors) && { floors }) };
}

/** Lowest and highest; null where all are meant; false where what is written is none. */
export function readFloors(lowest: string, highest: string): [number, number] | null | false {
  if (!lowest.trim() && !highest.trim()) return null;
  const floors = [lowest, highest].map((each) => (each.trim() ? Number(each) : NaN)) as [number, number];
  const isFloor = (floor: number) => Number.isInteger(floor) && floor !== 0 && Math.abs(floor) <= HIGHEST;
  return floors.every(isFloor) && floors[0] <= floors[1] && floors;
}

/** Floors 1 to n in so many parts of nearly the same height, from below. */
export function evenFloors(floors: number, parts: number): [lowest: number, highest: number][] {
  const end = (i: number) => Math.round((floors * i) / parts);
  return Array.from({ length: parts }, (_, i) => [end(i) + 1, end(i + 1)]);
}
