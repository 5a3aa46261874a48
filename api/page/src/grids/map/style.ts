// The style of the editor's map: the ground of the map page, quieter, and the coverage over it.

import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  StyleSpecification,
} from "maplibre-gl";
import type { Layer } from "../../contract";
import { makeStyle } from "../../map/style";
import { NOTHING } from "../../map/styles/answers";
import { byZoom, FONT, type Look } from "../../map/styles/style";
import type { Level } from "../contract";
import type { Colors } from "./colors";
import { drawnLayers } from "./drawn";
import { pictureLayers, pictureSources, type ShownPicture } from "./picture";

/** What the editor draws; each is a GeoJSON source of its own. */
export const SOURCES = [
  "areas",
  "picked",
  "shared",
  "before",
  "drawn",
  "arcs",
  "past",
  "versions",
  "sketch",
  "marks",
  "names",
] as const;
export type SourceName = (typeof SOURCES)[number];

/** Layers of the catalogue under the coverage, and what one may snap to. */
const GROUND = ["town", "water", "buildings", "streets"];
export const SNAPPED = ["streets", "water"];

type Value = ExpressionSpecification;
const expression = (...parts: unknown[]): Value => parts as unknown as Value;
const get = (name: string): Value => expression("get", name);
const state = (name: string): Value => expression("boolean", expression("feature-state", name), false);
const either = (test: Value, yes: unknown, no: unknown): Value => expression("case", test, yes, no);
const ROUND = { "line-cap": "round", "line-join": "round" } as const;

export interface Shown {
  level: Level;
  /** Whether today's lines step back behind those of a past day. */
  past: boolean;
  picture: ShownPicture | null;
}

export function makeEditorStyle(layers: readonly Layer[], look: Look, colors: Colors, shown: Shown): StyleSpecification {
  const ground = layers.filter(({ id }) => GROUND.includes(id));
  const visible = new Set(ground.map(({ id }) => id));
  const nothing = { heat: null, heatIsQuiet: false, chosenCell: null, routes: null, names: null };
  const style = makeStyle({ layers: ground, visible, ...nothing }, look);
  const below = style.layers.filter(({ type }) => type !== "symbol");
  const labels = style.layers.filter(({ type }) => type === "symbol");
  const own = Object.fromEntries(SOURCES.map((name) => [name, { type: "geojson" as const, data: NOTHING }]));
  return {
    ...style,
    sources: { ...style.sources, ...pictureSources(shown.picture), ...own },
    layers: [...below, ...pictureLayers(shown.picture), ...areas(colors), ...labels, ...lines(colors, shown), ...drawnLayers(colors), ...marks(colors), names(colors, look, shown)],
  };
}

/** How strong a choropleth or a pick is, by its `fill`. */
function areas(colors: Colors): LayerSpecification[] {
  const fill = expression(
    "match", get("fill"),
    "under", colors.under, "over", colors.over, "first", colors.first, "second", colors.second,
    colors.inBand,
  ); // prettier-ignore
  const strength = expression("match", get("fill"), "in", 0.05, ["under", "over"], 0.22, 0.2);
  // Lines of our own run along every edge.
  const paint = { "fill-color": fill, "fill-opacity": strength, "fill-antialias": false };
  return [
    { id: "areas", type: "fill", source: "areas", paint },
    { id: "picked", type: "fill", source: "picked", filter: expression("!=", ["geometry-type"], "LineString") as FilterSpecification, paint },
  ];
}

const WIDTHS: Record<Level, Value> = {
  1: byZoom([9, 1.6], [14, 3], [18, 4.5]),
  2: byZoom([9, 1], [14, 2.4], [18, 4]),
  3: byZoom([11, 0.6], [14, 1.5], [18, 2.6]),
  4: byZoom([12, 0.25], [14, 0.7], [18, 1.4]),
};

export const LEVELS: readonly Level[] = [4, 3, 2, 1];

function lines(colors: Colors, { level, past }: Shown): LayerSpecification[] {
  const lifted = state("lifted");
  const strength = (each: Level) => (past ? 0.25 : each <= level ? 0.95 : 0.4);
  const own = LEVELS.map(
    (each): LayerSpecification => ({
      id: `arcs-${each}`,
      type: "line",
      source: "arcs",
      filter: expression("==", get("level"), each) as FilterSpecification,
      layout: ROUND,
      paint: {
        "line-color": either(state("hovered"), colors.hovered, colors.lines[each]),
        "line-width": WIDTHS[each],
        "line-opacity": either(lifted, 0, strength(each)),
      },
    }),
  );
  return [
    dashed("before", colors.before, 2.4, [2, 1.6]),
    ...own,
    picked(colors),
    shared(colors),
    pastLines(colors),
    versions(colors),
  ];
}

function dashed(source: SourceName, color: string, width: number, dashes?: number[]): LayerSpecification {
  const paint = { "line-color": color, "line-width": width, ...(dashes && { "line-dasharray": dashes }) };
  return { id: source, type: "line", source, layout: { "line-join": "round" }, paint };
}

/** Edges that a tool has taken hold of. */
function picked(colors: Colors): LayerSpecification {
  const filter = expression("==", ["geometry-type"], "LineString") as FilterSpecification;
  return { id: "picked-lines", type: "line", source: "picked", filter, layout: ROUND, paint: { "line-color": colors.chosen, "line-width": 4, "line-opacity": 0.7 } };
}

/** A second line inside the edge of a polygon that several micro-grids share: one within the other. */
function shared(colors: Colors): LayerSpecification {
  const paint = { "line-color": colors.second, "line-width": byZoom([13, 1], [18, 2.2]), "line-offset": byZoom([13, 2], [18, 6]) };
  return { id: "shared", type: "line", source: "shared", minzoom: 13, layout: { "line-join": "round" }, paint };
}

function pastLines(colors: Colors): LayerSpecification {
  const byLevel = (...widths: [number, number, number]) => expression("match", get("level"), 2, widths[0], 3, widths[1], widths[2]);
  const width = expression(
    "interpolate", ["linear"], ["zoom"],
    10, byLevel(1.2, 0.6, 0.2), 14, byLevel(3, 1.7, 0.8), 18, byLevel(4.5, 3, 1.6),
  ); // prettier-ignore
  const isPlanned = expression("==", get("when"), "planned");
  const paint = { "line-color": either(isPlanned, colors.planned, colors.before), "line-width": width, "line-gap-width": either(isPlanned, 3, 0) };
  return { id: "past", type: "line", source: "past", layout: ROUND, paint };
}

/** The sides of a dispute, one beside the other. */
function versions(colors: Colors): LayerSpecification {
  const side = get("side");
  return {
    id: "versions",
    type: "line",
    source: "versions",
    layout: ROUND,
    paint: {
      "line-color": expression("match", side, "mine", colors.mine, "theirs", colors.theirs, colors.before),
      "line-width": expression("match", side, "base", 2, 4),
      "line-offset": expression("match", side, "mine", -2.5, "theirs", 2.5, 0),
    },
  };
}

function marks(colors: Colors): LayerSpecification[] {
  const color = expression("match", get("mark"), "snap", colors.snap, "sketch", colors.sketch, colors.fault);
  const isPoint = expression("==", ["geometry-type"], "Point") as FilterSpecification;
  return [
    { id: "sketch", type: "line", source: "sketch", layout: ROUND, paint: { "line-color": colors.sketch, "line-width": 2.6, "line-dasharray": [2, 1.4] } },
    { id: "sketch-points", type: "circle", source: "sketch", filter: isPoint, paint: { "circle-radius": 4, "circle-color": colors.sketch, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 } },
    { id: "marks-line", type: "line", source: "marks", layout: ROUND, paint: { "line-color": color, "line-width": 4, "line-opacity": 0.75 } },
    { id: "marks", type: "circle", source: "marks", filter: isPoint, paint: { "circle-radius": 9, "circle-color": color, "circle-opacity": 0.18, "circle-stroke-color": color, "circle-stroke-width": 2.2 } },
  ];
}

/** A unit's name, from afar; nearer, of the levels down to one, its code too. */
function withCode(level: Level): Value {
  return either(expression("<=", get("level"), level), expression("format", get("text"), {}, "\n", {}, get("code"), { "font-scale": 0.8 }), get("text"));
}

/** Names by level, down to the one that is edited: the larger the unit, the larger and the earlier. */
function names(colors: Colors, { palette }: Look, { level }: Shown): LayerSpecification {
  const byLevel = (...values: [unknown, unknown, unknown]) =>
    expression("match", get("level"), 2, values[0], 3, values[1], values[2]);
  const isShown = expression("<=", get("level"), level);
  const isNear = expression("<=", byLevel(10, 13, 15), ["zoom"]);
  const isOf = (fill: string) => expression("all", ["==", get("level"), level], ["==", get("fill"), fill]);
  return {
    id: "names",
    type: "symbol",
    source: "names",
    filter: expression("all", isShown, isNear) as FilterSpecification,
    layout: {
      "text-field": expression("step", ["zoom"], get("text"), 13, withCode(2), 14.5, withCode(3), 16.5, withCode(4)),
      "text-font": FONT,
      "text-size": byLevel(15, 12, 11),
      "text-max-width": 8,
      "text-padding": 5,
      "symbol-sort-key": get("level"),
    },
    paint: {
      "text-color": expression(
        "case", isOf("over"), colors.over, isOf("under"), colors.under,
        byLevel(colors.lines[2], colors.lines[3], palette.label),
      ), // prettier-ignore
      "text-halo-color": palette.halo,
      "text-halo-width": 1.8,
    },
  };
}
