// Fields of view, and whatever the catalogue holds that this page has not heard of.

import type { Layer } from "../../contract";
import { titleOf } from "../../language";
import { byZoom, type Drawn, type LayerStyle, type LegendRow } from "./style";

export const fieldsOfView: LayerStyle = {
  draw: (layer, { palette }) => [fill(layer, palette.view, 0.16), outline(layer, palette.view)],
  legend: (layer, { palette }) => [filled(layer, palette.view, 0.2)],
};

export const unknownLine: LayerStyle = {
  draw: (layer, { palette }) => [outline(layer, palette.kinds[4])],
  legend: (layer, { palette }) => [
    { sample: { kind: "line", color: palette.kinds[4], width: 3 }, words: () => titleOf(layer) },
  ],
};

export const unknownArea: LayerStyle = {
  draw: (layer, { palette }) => [
    fill(layer, palette.kinds[2], 0.18),
    outline(layer, palette.kinds[2]),
  ],
  legend: (layer, { palette }) => [filled(layer, palette.kinds[2], 0.3)],
};

function fill(layer: Layer, color: string, opacity: number): Drawn {
  return {
    slot: "view",
    spec: {
      id: `${layer.id}-area`,
      type: "fill",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": color, "fill-opacity": opacity },
    },
  };
}

function outline(layer: Layer, color: string): Drawn {
  return {
    slot: "view",
    spec: {
      id: `${layer.id}-line`,
      type: "line",
      paint: { "line-color": color, "line-width": byZoom([10, 0.8], [16, 1.8]), "line-opacity": 0.8 },
    },
  };
}

function filled(layer: Layer, color: string, opacity: number): LegendRow {
  return { sample: { kind: "fill", color, edge: color, opacity }, words: () => titleOf(layer) };
}
