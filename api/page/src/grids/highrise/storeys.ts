// Who has which floor of which entrance, as the server counts it; pure.

import type { Building, Part, Share } from "./contract";

/** An entrance that nobody names. */
export const ANY_OTHER = "*";

/** Floors that the same micro-grids have, of every entrance. */
export interface Band {
  lowest: number;
  highest: number;
  /** By entrance: positions of the shares that have it; none, or more than one, is a fault. */
  owners: number[][];
}

/** One building as it is shared out. */
export interface Stack {
  building: Building;
  entrances: string[];
  /** From above. */
  bands: Band[];
  /** By position of the share: its part of the building's households. */
  households: Map<number, number>;
}

/** The floors, of an entrance, that several have or nobody; `owners` says who. */
export interface Clash {
  building: Building;
  entrance: string;
  lowest: number;
  highest: number;
  owners: number[];
}

/** The buildings that some micro-grids divide among themselves. */
export function stacksOf(shares: readonly Share[], buildings: readonly Building[]): Stack[] {
  return buildings
    .filter(({ id }) => shares.some(({ parts }) => parts.some(({ building }) => building === id)))
    .map((building) => stackOf(shares, building));
}

function stackOf(shares: readonly Share[], building: Building): Stack {
  const parts = shares.map((share) => share.parts.filter((part) => part.building === building.id));
  const entrances = entrancesOf(parts.flat());
  const ownersOn = (floor: number) => entrances.map((entrance) => ownersOf(parts, entrance, floor));
  const floors = floorsOf(parts.flat(), building).map((floor) => ({ floor, owners: ownersOn(floor) }));
  return { building, entrances, bands: bandsOf(floors).reverse(), households: householdsOf(building, floors) };
}

function entrancesOf(parts: readonly Part[]): string[] {
  const named = new Set(parts.flatMap(({ entrances }) => entrances ?? []));
  if (parts.some(({ entrances }) => !entrances)) named.add(ANY_OTHER);
  return [...named].sort((one, other) => Number(one === ANY_OTHER) - Number(other === ANY_OTHER) || one.localeCompare(other, "zh", { numeric: true }));
}

/** From the lowest that anybody knows of to the highest; there is no floor 0. */
function floorsOf(parts: readonly Part[], { floors }: Building): number[] {
  const ends = parts.flatMap((part) => part.floors ?? []);
  const [lowest, highest] = [Math.min(1, ...ends), Math.max(1, floors ?? 1, ...ends)];
  return Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i).filter((floor) => floor !== 0);
}

function ownersOf(parts: readonly Part[][], entrance: string, floor: number): number[] {
  const has = ({ entrances, floors }: Part) =>
    (!entrances || entrances.includes(entrance)) && (!floors || (floors[0] <= floor && floor <= floors[1]));
  return parts.flatMap((own, i) => (own.some(has) ? [i] : []));
}

function bandsOf(floors: readonly { floor: number; owners: number[][] }[]): Band[] {
  const bands: Band[] = [];
  for (const { floor, owners } of floors) {
    const last = bands.at(-1);
    if (last && same(last.owners, owners)) last.highest = floor;
    else bands.push({ lowest: floor, highest: floor, owners });
  }
  return bands;
}

function same(one: number[][], other: number[][]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Nobody knows who lives where: each floor of each entrance counts the same. */
function householdsOf({ households }: Building, floors: readonly { owners: number[][] }[]): Map<number, number> {
  const homes = floors.flatMap(({ owners }) => owners);
  const each = (households ?? 0) / (homes.length || 1);
  const sums = new Map<number, number>();
  for (const owner of homes.flatMap(([first]) => first ?? [])) sums.set(owner, (sums.get(owner) ?? 0) + each);
  return sums;
}

/** What of some buildings isn't exactly one micro-grid's. */
export function clashesOf(stacks: readonly Stack[]): Clash[] {
  return stacks.flatMap(({ building, entrances, bands }) =>
    bands.flatMap(({ lowest, highest, owners }) =>
      owners.flatMap((each, i) =>
        each.length === 1 ? [] : [{ building, entrance: entrances[i] ?? ANY_OTHER, lowest, highest, owners: each }],
      ),
    ),
  );
}
