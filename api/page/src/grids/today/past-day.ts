// The units of a past day, drawn over today's lines, which step back.

import type { Feature, MultiPolygon, Polygon } from "geojson";
import type { Level, Place } from "../contract";
import { lineFeature } from "../map/features";
import type { GridMap } from "../map/view";
import { boxOf, holds } from "../model/plane";
import { readPast } from "../server";

const LAYERS = ["villages", "grids", "micro-grids"] as const;
const HIGHEST: Level = 2;

type Named = { name: string; name_en: string | null; code: string };
type Unit = Feature<Polygon | MultiPolygon>;

export class PastDay {
  readonly #map: GridMap;
  #levels: Unit[][] = [];

  constructor(map: GridMap) {
    this.#map = map;
  }

  async read(moment: string, signal: AbortSignal): Promise<{ villages: number; grids: number; micro: number }> {
    const levels = await Promise.all(LAYERS.map((layer) => readPast(layer, moment, signal)));
    this.#levels = levels.map(({ features }) => features);
    const [villages = 0, grids = 0, micro = 0] = this.#levels.map(({ length }) => length);
    return { villages, grids, micro };
  }

  draw(): void {
    this.#map.show({ past: true });
    this.#map.set("past", this.#levels.flatMap((units, i) => units.flatMap(({ geometry }) => outlines(geometry, i + HIGHEST))));
  }

  /** Let today's lines stand out again; `keepLines` where somebody else has drawn over them. */
  leave({ keepLines = false } = {}): void {
    this.#levels = [];
    if (!keepLines) this.#map.set("past", []);
    this.#map.show({ past: false });
  }

  unitAt(place: Place, level: Level): Named | undefined {
    const found = this.#levels[level - HIGHEST]?.find(({ geometry }) => isIn(place, ringsOf(geometry)));
    return (found?.properties as Named | null | undefined) ?? undefined;
  }
}

function isIn(place: Place, rings: Place[][]): boolean {
  const [west, south, east, north] = boxOf(rings.flat());
  const isNear = place[0] >= west && place[0] <= east && place[1] >= south && place[1] <= north;
  return isNear && holds(rings, place);
}

function ringsOf(shape: Polygon | MultiPolygon): Place[][] {
  return (shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat()) as Place[][];
}

function outlines(shape: Polygon | MultiPolygon, level: number): Feature[] {
  return ringsOf(shape).map((ring) => lineFeature(ring, { level, when: "past" }));
}

/** The last second of a town's day, as a moment with its offset. */
export function endOf(day: string, timeZone: string): string {
  const noon = new Date(`${day}T12:00:00Z`);
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(noon);
  const offset = parts.find(({ type }) => type === "timeZoneName")?.value.replace("GMT", "") || "Z";
  return `${day}T23:59:59${offset}`;
}
