// What units have to look after, counted here while an edge is dragged.

import type { Burdens, Level, Place } from "../contract";
import { area_m2, boxOf, compactness, holds } from "./plane";
import type { Polygons } from "./rings";

/** Sums of one unit: by what is counted, and of its shape. */
export interface Load {
  amounts: Record<string, number>;
  compactness: number;
  area_m2: number;
}

export type InBand = "under" | "in" | "over";

// About 200 m: a grid spans a few of these squares.
const SQUARE_DEG = 0.002;

interface Counted {
  kind: string;
  place: Place;
  amount: number;
}

export class BurdenMap {
  readonly kinds: string[];
  readonly #bands: Burdens["bands"];
  readonly #squares = new Map<string, Counted[]>();

  constructor({ points, bands }: Burdens) {
    this.#bands = bands;
    this.kinds = Object.keys(points);
    for (const [kind, flat] of Object.entries(points)) this.#spread(kind, flat);
  }

  /** What lies in some polygons. */
  loadOf(polygons: Polygons): Load {
    const amounts: Record<string, number> = Object.fromEntries(this.kinds.map((kind) => [kind, 0]));
    for (const polygon of polygons) {
      for (const { kind, place, amount } of this.#near(polygon)) {
        if (holds(polygon, place)) amounts[kind] = (amounts[kind] ?? 0) + amount;
      }
    }
    return { amounts, compactness: compactness(polygons), area_m2: area_m2(polygons) };
  }

  bandOf(level: Level): [least: number, most: number] | undefined {
    return this.#bands[level];
  }

  inBand(level: Level, households: number): InBand {
    const [least, most] = this.bandOf(level) ?? [0, Infinity];
    if (households < least) return "under";
    return households > most ? "over" : "in";
  }

  #spread(kind: string, flat: number[]): void {
    for (let i = 0; i + 2 < flat.length; i += 3) {
      const place: Place = [flat[i] ?? 0, flat[i + 1] ?? 0];
      const key = squareOf(...place);
      const counted = { kind, place, amount: flat[i + 2] ?? 0 };
      const there = this.#squares.get(key);
      if (there) there.push(counted);
      else this.#squares.set(key, [counted]);
    }
  }

  *#near(polygon: Place[][]): Generator<Counted> {
    const [west, south, east, north] = boxOf(polygon[0] ?? []);
    for (let x = index(west); x <= index(east); x++) {
      for (let y = index(south); y <= index(north); y++) {
        yield* this.#squares.get(`${x} ${y}`) ?? [];
      }
    }
  }
}

function index(degree: number): number {
  return Math.floor(degree / SQUARE_DEG);
}

function squareOf(lon: number, lat: number): string {
  return `${index(lon)} ${index(lat)}`;
}
