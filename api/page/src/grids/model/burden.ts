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

/** Sums of several kinds at once: "premises.shop" is of "premises". */
const groupOf = (kind: string): string => kind.split(".")[0] ?? kind;

export class BurdenMap {
  readonly #bands: Burdens["bands"];
  readonly #places: Map<string, Squares>;

  constructor({ points, bands }: Burdens) {
    this.#bands = bands;
    this.#places = new Map(Object.entries(points).map(([kind, flat]) => [kind, new Squares(flat)]));
  }

  /** What lies in some polygons, by kind and by group of kinds. */
  loadOf(polygons: Polygons): Load {
    const amounts: Record<string, number> = {};
    for (const kind of this.#places.keys()) {
      const amount = this.amountIn(kind, polygons);
      amounts[kind] = amount;
      if (groupOf(kind) !== kind) amounts[groupOf(kind)] = (amounts[groupOf(kind)] ?? 0) + amount;
    }
    return { amounts, compactness: compactness(polygons), area_m2: area_m2(polygons) };
  }

  /** Whether that is told to who asks. */
  knows(kind: string): boolean {
    return this.#places.has(kind);
  }

  /** How much of one kind lies in some polygons. */
  amountIn(kind: string, polygons: Polygons): number {
    const places = this.#places.get(kind);
    return polygons.reduce((sum, polygon) => sum + (places?.amountIn(polygon) ?? 0), 0);
  }

  bandOf(level: Level): [least: number, most: number] | undefined {
    return this.#bands[level];
  }

  inBand(level: Level, households: number): InBand {
    const [least, most] = this.bandOf(level) ?? [0, Infinity];
    if (households < least) return "under";
    return households > most ? "over" : "in";
  }
}

// About 200 m: a grid spans a few of these squares.
const SQUARE_DEG = 0.002;

/** Places by the squares they lie in, to find those near a polygon. */
class Squares {
  /** Longitude, latitude and amount, one place after the other. */
  readonly #flat: readonly number[];
  readonly #squares = new Map<string, number[]>();

  constructor(flat: readonly number[]) {
    this.#flat = flat;
    for (let at = 0; at + 2 < flat.length; at += 3) {
      const key = `${index(flat[at])} ${index(flat[at + 1])}`;
      const there = this.#squares.get(key);
      if (there) there.push(at);
      else this.#squares.set(key, [at]);
    }
  }

  amountIn(polygon: Place[][]): number {
    const [west, south, east, north] = boxOf(polygon[0] ?? []);
    let sum = 0;
    for (let x = index(west); x <= index(east); x++) {
      for (let y = index(south); y <= index(north); y++) {
        for (const at of this.#squares.get(`${x} ${y}`) ?? []) {
          const [lon = 0, lat = 0, amount = 0] = this.#flat.slice(at, at + 3);
          const isNear = lon >= west && lon <= east && lat >= south && lat <= north;
          if (isNear && holds(polygon, [lon, lat])) sum += amount;
        }
      }
    }
    return sum;
  }
}

function index(degree = 0): number {
  return Math.floor(degree / SQUARE_DEG);
}
