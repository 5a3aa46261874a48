// From the coverage to what the map draws.

import type { Feature, LineString, Point } from "geojson";
import { language } from "../../language";
import { t as ofHighrises } from "../highrise/texts";
import type { Arc, Level, Place, Unit } from "../contract";
import type { InBand } from "../model/burden";
import type { Coverage } from "../model/coverage";
import { centroid, ringArea } from "../model/plane";
import type { Polygons } from "../model/rings";

export function arcFeature(arc: Arc): Feature<LineString> {
  return lineFeature(arc.coords, { level: arc.level }, arc.id);
}

export function lineFeature(
  coordinates: Place[],
  properties: Record<string, unknown> = {},
  id?: number,
): Feature<LineString> {
  const geometry: LineString = { type: "LineString", coordinates };
  return { type: "Feature", ...(id !== undefined && { id }), geometry, properties };
}

export function pointFeature(
  coordinates: Place,
  properties: Record<string, unknown> = {},
  id?: number,
): Feature<Point> {
  const geometry: Point = { type: "Point", coordinates };
  return { type: "Feature", ...(id !== undefined && { id }), geometry, properties };
}

export function areaFeature(id: number, polygons: Polygons, fill: string): Feature {
  const geometry = { type: "MultiPolygon" as const, coordinates: polygons };
  return { type: "Feature", id, geometry, properties: { fill } };
}

/** A unit's name in the middle of its largest piece, with its households where they are known. */
export function nameFeature(
  coverage: Coverage,
  unit: Unit,
  polygons: Polygons,
  households: { count: number; fill: InBand } | null,
): Feature<Point> {
  const largest = polygons.reduce(
    (most, each) => (ringArea(each[0] ?? []) > ringArea(most[0] ?? []) ? each : most),
    polygons[0] ?? [],
  );
  const count = households && `\n${households.count}${language() === "zh" ? "户" : " hh"}`;
  const badge = unit.shares?.length ? `\n${ofHighrises("badge", { n: unit.shares.length })}` : "";
  const text = `${shortName(coverage, unit)}${count ?? ""}${badge}`;
  const properties = { level: unit.level, text, code: unit.code, fill: households?.fill ?? "in" };
  return pointFeature(centroid(largest[0] ?? []), properties, unit.id);
}

/** Without what a name repeats of the village's. */
export function shortName(coverage: Coverage, unit: Unit): string {
  const village = coverage.units.get(coverage.above(unit.id, 2));
  const own = nameIn(unit);
  if (!village || village === unit) return own;
  return own.replace(nameIn(village), "").trim() || own;
}

export function nameIn(unit: Unit): string {
  return (language() === "en" && unit.name_en) || unit.name || unit.code;
}

export function unitTitle(coverage: Coverage, id: number): string {
  const unit = coverage.units.get(id);
  return unit ? nameIn(unit) : `#${id}`;
}

export const NAMED_LEVELS: readonly Level[] = [2, 3, 4];
