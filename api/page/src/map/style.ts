// The whole style, made from the catalogue, the look and the answers. Nothing in it is outside this
// server: tiles are our own, glyphs are drawn with local fonts, symbols by canvas.

import type { FeatureCollection } from "geojson";
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Layer } from "../contract";
import { tilesUrl } from "../server";
import type { Names } from "./names";
import {
  CHOSEN_SOURCE,
  HEAT_SOURCE,
  heatLayers,
  NOTHING,
  ROUTE_SOURCE,
  routeLayers,
} from "./styles/answers";
import { nameLayers, NAMES_SOURCE } from "./styles/names";
import { responseLayers, responseSources, type ResponsePicture } from "./styles/response";
import { CLOSURE_LAYER, closureLayers, closureSources, type ClosuresPicture } from "./styles/closures";
import { HEAT_LAYER, styleOf } from "./styles/registry";
import { SLOTS, withSource, type Look, type Slot } from "./styles/style";

/** Tiles hold 4,096 steps a side: at this zoom one is 0.15 m, closer up they are only enlarged. */
const DEEPEST_TILES = 16;

export interface Picture {
  layers: readonly Layer[];
  visible: ReadonlySet<string>;
  heat: FeatureCollection | null;
  /** Whether the heat map steps back behind something else. */
  heatIsQuiet: boolean;
  chosenCell: FeatureCollection | null;
  routes: FeatureCollection | null;
  /** Whether what the routes answer is only supposed. */
  isSupposed?: boolean;
  names: Names | null;
  closures?: ClosuresPicture | null;
  /** What the responders on duty cover; null while nobody wants to see it. */
  response?: ResponsePicture | null;
}

export function makeStyle(picture: Picture, look: Look): StyleSpecification {
  const tiled = picture.layers.filter((layer) => layer.id !== HEAT_LAYER && layer.id !== CLOSURE_LAYER);
  return {
    version: 8,
    sources: { ...tileSources(tiled), ...answerSources(picture) },
    layers: [
      { id: "outside", type: "background", paint: { "background-color": look.palette.outside } },
      ...inOrder([
        ...tiled.flatMap((layer) => layersOf(layer, look, picture.visible.has(layer.id))),
        ...heatLayers(look.palette, picture.heatIsQuiet).map((placed) => shown(placed, heatIsSeen(picture))),
        ...responseLayers(picture.response ?? null, look.palette),
        ...nameLayers(look.palette, look.language),
        ...closureLayers(look.palette, picture.visible.has(CLOSURE_LAYER)),
        ...routeLayers(look.palette, picture.isSupposed ?? false),
      ]),
    ],
  };
}

/** Two shadings over each other say nothing. */
function heatIsSeen({ visible, response }: Picture): boolean {
  return visible.has(HEAT_LAYER) && !response;
}

interface Placed {
  slot: Slot;
  layer: LayerSpecification;
}

function layersOf(layer: Layer, look: Look, visible: boolean): Placed[] {
  return styleOf(layer)
    .draw(layer, look)
    .map(({ slot, spec }) => shown({ slot, layer: withSource(spec, layer) }, visible));
}

function shown({ slot, layer }: Placed, visible: boolean): Placed {
  const visibility = visible ? "visible" : "none";
  return { slot, layer: { ...layer, layout: { ...layer.layout, visibility } } as LayerSpecification };
}

function inOrder(placed: Placed[]): LayerSpecification[] {
  return SLOTS.flatMap((slot) => placed.filter((each) => each.slot === slot)).map(
    ({ layer }) => layer,
  );
}

function tileSources(layers: Layer[]): Record<string, SourceSpecification> {
  return Object.fromEntries(
    layers.map((layer) => [
      layer.id,
      {
        type: "vector",
        tiles: [tilesUrl(layer.id)],
        minzoom: Math.min(layer.min_zoom, DEEPEST_TILES),
        maxzoom: Math.min(layer.max_zoom, DEEPEST_TILES),
      },
    ]),
  );
}

function answerSources(picture: Picture): Record<string, SourceSpecification> {
  return {
    [HEAT_SOURCE]: { type: "geojson", data: picture.heat ?? NOTHING },
    [CHOSEN_SOURCE]: { type: "geojson", data: picture.chosenCell ?? NOTHING },
    [NAMES_SOURCE]: { type: "geojson", data: picture.names ?? NOTHING },
    [ROUTE_SOURCE]: { type: "geojson", data: picture.routes ?? NOTHING },
    ...closureSources(picture.closures ?? null),
    ...responseSources(picture.response ?? null),
  };
}
