// Streets that are closed, as barrier tape with a sign, or slow, in amber; and what is being drawn.

import type { FeatureCollection } from "geojson";
import type { LayerSpecification, SourceSpecification } from "maplibre-gl";
import type { Palette } from "../palette";
import { imageName } from "../symbols";
import { NOTHING } from "./answers";
import { byZoom, type LayerStyle, type Slot } from "./style";
import { tc } from "../../dispatch/closures/texts";

export const CLOSURE_LAYER = "closures";
export const CLOSURE_SOURCE = "closures-now";
export const SKETCH_SOURCE = "closure-sketch";
export const PREVIEW_SOURCE = "closure-preview";

/** What is closed now, what a drawing would close, and the drawing itself. */
export interface ClosuresPicture {
  now: FeatureCollection;
  preview: FeatureCollection;
  sketch: FeatureCollection;
}

export function closureSources(picture: ClosuresPicture | null): Record<string, SourceSpecification> {
  return {
    [CLOSURE_SOURCE]: { type: "geojson", data: picture?.now ?? NOTHING },
    [PREVIEW_SOURCE]: { type: "geojson", data: picture?.preview ?? NOTHING },
    [SKETCH_SOURCE]: { type: "geojson", data: picture?.sketch ?? NOTHING },
  };
}

interface Placed {
  slot: Slot;
  layer: LayerSpecification;
}

const CLOSED = ["==", ["get", "kind"], "closed"];
const SLOW = ["==", ["get", "kind"], "slow"];
const WIDE = byZoom([10, 3], [14, 6], [18, 14]);
const NARROW = byZoom([10, 1.8], [14, 3.6], [18, 9]);

export function closureLayers(palette: Palette, visible: boolean): Placed[] {
  const standing = [
    line("closures-edge", CLOSURE_SOURCE, CLOSED, { "line-color": palette.closed, "line-width": WIDE }),
    line("closures-tape", CLOSURE_SOURCE, CLOSED, {
      "line-color": palette.tape,
      "line-width": NARROW,
      "line-dasharray": [1.1, 1.1],
    }),
    line("closures-slow", CLOSURE_SOURCE, SLOW, {
      "line-color": palette.slow,
      "line-width": WIDE,
      "line-opacity": 0.85,
    }),
    sign("closures-sign", CLOSED, imageName({ shape: "noEntry", color: palette.closed }, palette.tape)),
    sign("closures-slow-sign", SLOW, imageName({ shape: "caution", color: palette.slow }, palette.tape)),
  ];
  const placed = [
    ...(visible ? standing : []),
    line("closure-preview-edge", PREVIEW_SOURCE, true, {
      "line-color": palette.closed,
      "line-width": WIDE,
      "line-opacity": 0.45,
    }),
    line("closure-preview-dashes", PREVIEW_SOURCE, true, {
      "line-color": palette.closed,
      "line-width": NARROW,
      "line-dasharray": [1.2, 0.8],
    }),
  ];
  return [...placed, ...sketchLayers(palette)].map((layer) => ({ slot: "route", layer }));
}

function sketchLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "closure-sketch-area",
      type: "fill",
      source: SKETCH_SOURCE,
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": palette.label, "fill-opacity": 0.08 },
    },
    {
      id: "closure-sketch-line",
      type: "line",
      source: SKETCH_SOURCE,
      paint: { "line-color": palette.label, "line-width": 2, "line-dasharray": [3, 2] },
    },
    {
      id: "closure-sketch-corner",
      type: "circle",
      source: SKETCH_SOURCE,
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": 5,
        "circle-color": palette.halo,
        "circle-stroke-color": palette.label,
        "circle-stroke-width": 2,
      },
    },
  ];
}

function line(id: string, source: string, filter: unknown, paint: object): LayerSpecification {
  const round = { "line-cap": "butt", "line-join": "round" };
  return { id, type: "line", source, filter, layout: round, paint } as LayerSpecification;
}

function sign(id: string, filter: unknown, image: string): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: CLOSURE_SOURCE,
    filter,
    minzoom: 11,
    layout: {
      "symbol-placement": "line-center",
      "icon-image": image,
      "icon-size": byZoom([11, 0.6], [16, 1.1]),
      "icon-rotation-alignment": "viewport",
      // A sign for each cluster is enough; none is left out for the sake of a name.
      "icon-ignore-placement": false,
      "icon-padding": 6,
    },
  } as LayerSpecification;
}

/** In the legend; the map itself draws what the list says, to the second. */
export const closures: LayerStyle = {
  draw: () => [],
  legend: (_layer, { palette }) => [
    { sample: { kind: "symbol", symbol: { shape: "noEntry", color: palette.closed }, edge: palette.tape }, words: () => tc("legendClosed") },
    { sample: { kind: "line", color: palette.slow, width: 4 }, words: () => tc("legendSlow") },
  ],
};
