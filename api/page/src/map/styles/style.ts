// What the style of one catalogue layer consists of.

import type {
  CircleLayerSpecification,
  ExpressionSpecification,
  FillLayerSpecification,
  FilterSpecification,
  LayerSpecification,
  LineLayerSpecification,
  SymbolLayerSpecification,
} from "maplibre-gl";
import type { Layer, Named } from "../../contract";
import type { Language, Words } from "../../language";
import type { Palette } from "../palette";
import type { PointSymbol } from "../symbols";

/** From the ground up; what stands later is drawn over what stands before. */
export const SLOTS = [
  "town",
  "water",
  "building",
  "heat",
  "street-casing",
  "street",
  "border",
  "heat-edge",
  "view",
  "small-point",
  "point",
  "label",
  "route",
  "responder",
] as const;
export type Slot = (typeof SLOTS)[number];

/** A style layer without the source, which is always the tiles of its catalogue layer. */
type Sourceless<Spec> = Omit<Spec, "source" | "source-layer">;
export type Spec =
  | Sourceless<FillLayerSpecification>
  | Sourceless<LineLayerSpecification>
  | Sourceless<CircleLayerSpecification>
  | Sourceless<SymbolLayerSpecification>;

export interface Drawn {
  slot: Slot;
  spec: Spec;
}

/** What the whole map is drawn with. */
export interface Look {
  palette: Palette;
  language: Language;
  departments: readonly Named[];
}

/** A sample beside its meaning. */
export interface LegendRow {
  sample: Sample;
  words: Words;
}

export type Sample =
  | { kind: "symbol"; symbol: PointSymbol; edge: string }
  | { kind: "line"; color: string; width: number; casing?: string; dashed?: boolean }
  | { kind: "fill"; color: string; edge: string; opacity?: number };

export interface LayerStyle {
  draw(layer: Layer, look: Look): Drawn[];
  /** Rows of the legend; the first stands for the layer as a whole. */
  legend(layer: Layer, look: Look): LegendRow[];
}

/**
 * Fonts of the machine; MapLibre draws the glyphs with the browser's own. The first name is no font:
 * MapLibre reads the weight from it.
 */
export const FONT = ["Medium", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"];

/** The name in the language, or in the other where it has only one. */
export function nameExpression(language: Language, fields: Layer["fields"]): ExpressionSpecification {
  const english = fields.some((field) => field.name === "name_en");
  const names: ExpressionSpecification[] = [["get", "name"]];
  if (english) names.splice(language === "en" ? 0 : 1, 0, ["get", "name_en"]);
  return ["coalesce", ...names, ""] as unknown as ExpressionSpecification;
}

/** A value by zoom, growing in between. */
export function byZoom(...stops: [zoom: number, value: number][]): ExpressionSpecification {
  const parts = ["interpolate", ["exponential", 1.5], ["zoom"], ...stops.flat()];
  return parts as unknown as ExpressionSpecification;
}

/** The value that belongs to a property's code. */
export function byCode(
  property: string,
  values: Iterable<readonly [code: string, value: string]>,
  otherwise: string,
): ExpressionSpecification | string {
  const pairs = [...values].flat();
  if (!pairs.length) return otherwise;
  const match = ["match", ["get", property], ...pairs, otherwise];
  return match as unknown as ExpressionSpecification;
}

export function isOneOf(property: string, values: readonly string[]): FilterSpecification {
  return ["in", ["get", property], ["literal", [...values]]] as unknown as FilterSpecification;
}

/** A layer that is complete for MapLibre. */
export function withSource(spec: Spec, layer: Layer): LayerSpecification {
  const source = { source: layer.id, "source-layer": layer.id };
  return { ...spec, ...source } as LayerSpecification;
}
