// The ground divided: the town, its villages, grids and micro-grids.

import type { ExpressionSpecification } from "maplibre-gl";
import { titleOf } from "../../language";
import type { Palette } from "../palette";
import { byZoom, type Drawn, type LayerStyle } from "./style";

interface Border {
  color: keyof Palette & ("border" | "gridLine" | "townEdge");
  width: ExpressionSpecification;
  dashes?: number[];
  opacity?: number;
}

export const town = coverage({ color: "townEdge", width: byZoom([8, 1.2], [16, 3]) }, true);
export const villages = coverage({
  color: "border",
  width: byZoom([9, 0.6], [13, 1.5], [17, 2.6]),
  dashes: [6, 2, 1.5, 2],
});
export const grids = coverage({
  color: "gridLine",
  width: byZoom([11, 0.4], [15, 1.2], [18, 2]),
  opacity: 0.75,
});
export const microGrids = coverage({
  color: "gridLine",
  width: byZoom([13, 0.3], [16, 0.8]),
  dashes: [1, 2],
  opacity: 0.7,
});

function coverage(border: Border, filled = false): LayerStyle {
  return {
    draw(layer, { palette }) {
      const color = palette[border.color];
      const drawn: Drawn[] = [
        {
          slot: "border",
          spec: {
            id: `${layer.id}-border`,
            type: "line",
            layout: { "line-join": "round" },
            paint: {
              "line-color": color,
              "line-width": border.width,
              "line-opacity": border.opacity ?? 0.9,
              ...(border.dashes && { "line-dasharray": border.dashes }),
            },
          },
        },
      ];
      if (filled) drawn.push(area(layer.id, palette));
      return drawn;
    },
    legend: (layer, { palette }) => [
      {
        sample: filled
          ? { kind: "fill", color: palette.town, edge: palette.townEdge }
          : { kind: "line", color: palette[border.color], width: 2, dashed: Boolean(border.dashes) },
        words: () => titleOf(layer),
      },
    ],
  };
}

function area(id: string, palette: Palette): Drawn {
  return {
    slot: "town",
    spec: { id: `${id}-area`, type: "fill", paint: { "fill-color": palette.town } },
  };
}
