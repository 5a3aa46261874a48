// What a map client drew, over the coverage: units as they were sent, and what a repair would move.

import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from "maplibre-gl";
import type { Colors } from "./colors";

const expression = (...parts: unknown[]) => parts as unknown as ExpressionSpecification;
const kindIs = (...kinds: string[]) => expression("in", ["get", "kind"], ["literal", kinds]) as FilterSpecification;

/** `kind` is face, gone, moved or added. */
export function drawnLayers(colors: Colors): LayerSpecification[] {
  const color = expression("match", ["get", "kind"], "gone", colors.before, "moved", colors.snap, "added", colors.snap, colors.mine);
  return [
    {
      id: "drawn",
      type: "fill",
      source: "drawn",
      filter: kindIs("face", "gone"),
      paint: { "fill-color": color, "fill-opacity": expression("case", ["get", "faint"], 0.06, 0.16), "fill-antialias": false },
    },
    {
      id: "drawn-line",
      type: "line",
      source: "drawn",
      filter: kindIs("face"),
      layout: { "line-join": "round" },
      paint: { "line-color": color, "line-width": 2.2 },
    },
    {
      id: "drawn-gone",
      type: "line",
      source: "drawn",
      filter: kindIs("gone"),
      layout: { "line-join": "round" },
      paint: { "line-color": color, "line-width": 2.2, "line-dasharray": [2, 1.6] },
    },
    {
      id: "drawn-moved",
      type: "line",
      source: "drawn",
      filter: kindIs("moved"),
      layout: { "line-cap": "round" },
      paint: { "line-color": color, "line-width": 4 },
    },
    {
      id: "drawn-places",
      type: "circle",
      source: "drawn",
      filter: kindIs("place"),
      paint: { "circle-radius": 7, "circle-color": colors.snap, "circle-opacity": 0.2, "circle-stroke-color": colors.snap, "circle-stroke-width": 2 },
    },
  ];
}
