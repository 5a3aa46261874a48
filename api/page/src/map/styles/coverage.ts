// The ground divided: the town, its villages, grids and micro-grids.

import type { ExpressionSpecification } from "maplibre-gl";
import { titleOf } from "../../language";
import type { Palette } from "../palette";
import { byZoom, FONT, nameExpression, type Drawn, type LayerStyle } from "./style";

interface Border {
  color: keyof Palette & ("border" | "gridLine" | "townEdge");
  width: ExpressionSpecification;
  dashes?: number[];
  opacity?: number;
  /** From which zoom names are written; never when absent. */
  namesFrom?: number;
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
  namesFrom: 14.5,
});
export const microGrids = coverage({
  color: "gridLine",
  width: byZoom([13, 0.3], [16, 0.8]),
  dashes: [1, 2],
  opacity: 0.7,
  namesFrom: 16.5,
});

function coverage(border: Border, filled = false): LayerStyle {
  return {
    draw(layer, look) {
      const color = look.palette[border.color];
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
      if (filled) drawn.push(area(layer.id, look.palette));
      if (border.namesFrom) {
        drawn.push(names(layer.id, border.namesFrom, nameExpression(look.language, layer.fields), look.palette));
      }
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

function names(id: string, minzoom: number, text: ExpressionSpecification, palette: Palette): Drawn {
  return {
    slot: "label",
    spec: {
      id: `${id}-name`,
      type: "symbol",
      minzoom,
      layout: {
        "text-field": text,
        "text-font": FONT,
        "text-size": 11,
        "text-max-width": 6,
        "text-padding": 30,
      },
      paint: {
        "text-color": palette.gridLine,
        "text-halo-color": palette.halo,
        "text-halo-width": 1.4,
      },
    },
  };
}
