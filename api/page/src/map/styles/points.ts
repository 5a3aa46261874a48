// Points with a code list: a symbol for each code, so that shape and colour tell the kinds apart.

import type { ExpressionSpecification } from "maplibre-gl";
import type { Field, Layer } from "../../contract";
import { nameOf, pick, t, titleOf, type Words } from "../../language";
import type { Palette } from "../palette";
import { imageName, symbolOf, type PointSymbol } from "../symbols";
import { byCode, byZoom, FONT, type Drawn, type LayerStyle, type LegendRow, type Look, type Spec } from "./style";

interface Kind {
  code: string;
  words: Words;
  symbol: PointSymbol;
}

/** Any layer of points: its first code list tells the kinds apart. */
export const points: LayerStyle = {
  draw: (layer, look) => pointsOfKinds(layer, look),
  legend: (layer, look) => [whole(layer, look.palette), ...kindRows(layer, look.palette)],
};

/** Points so many that from afar they are dots. */
export const premises: LayerStyle = {
  draw: (layer, look) => [dots(layer, look), ...pointsOfKinds(layer, look, 15)],
  legend: points.legend,
};

/** Sensors: a ring around those that sound an alarm, grey where one is silent. */
export const sensors: LayerStyle = {
  draw: (layer, look) => [
    halo(layer, "alarm", look.palette.alarm),
    ...pointsOfKinds(layer, look, 12, {
      "icon-opacity": ["match", ["get", "status"], "offline", 0.4, 1] as ExpressionSpecification,
    }),
  ],
  legend: (layer, look) => [
    ...points.legend(layer, look),
    {
      sample: symbolSample({ shape: "ring", color: look.palette.alarm }, look.palette),
      words: () => t("status_alarm"),
    },
  ],
};

const STATES = ["open", "closed"] as const;

/** Incidents: the settled ones are many and quiet, the open ones stand out. */
export const incidents: LayerStyle = {
  draw: (layer, { palette }) => [
    {
      slot: "small-point",
      spec: {
        id: `${layer.id}-settled`,
        type: "circle",
        filter: ["!=", ["get", "state"], "open"],
        paint: {
          "circle-color": palette.offline,
          "circle-opacity": 0.35,
          "circle-radius": byZoom([12, 1], [15, 2.2], [18, 5]),
          "circle-stroke-color": palette.offline,
          "circle-stroke-opacity": 0.7,
          "circle-stroke-width": byZoom([13, 0], [16, 1]),
        },
      },
    },
    {
      slot: "point",
      spec: {
        id: `${layer.id}-open`,
        type: "symbol",
        filter: ["==", ["get", "state"], "open"],
        layout: {
          "icon-image": imageName(incidentSymbol("open", palette), palette.symbolEdge),
          "icon-size": byZoom([12, 0.5], [16, 0.8]),
          "icon-allow-overlap": true,
        },
      },
    },
  ],
  legend: (layer, { palette }) => [
    { sample: symbolSample(incidentSymbol("open", palette), palette), words: () => titleOf(layer) },
    ...STATES.map((state) => ({
      sample: symbolSample(incidentSymbol(state, palette), palette),
      words: () => t(`state_${state}`),
    })),
  ],
};

/** Responders: the shape is how they travel, the colour their department. */
export const responders: LayerStyle = {
  draw(layer, { palette, departments }) {
    const colors = departments.map(({ code }, i) => [code, departmentColor(i, palette)] as const);
    const shapes = (["foot", "ebike", "car"] as const).map((mode) => [mode, mode] as const);
    const image = [
      "concat",
      "symbol|",
      byCode("mode", shapes, "circle"),
      "|",
      byCode("department", colors, palette.quietLabel),
      `|${palette.symbolEdge}`,
    ] as unknown as ExpressionSpecification;
    return [
      {
        slot: "responder",
        spec: {
          id: `${layer.id}-symbol`,
          type: "symbol",
          layout: {
            "icon-image": image,
            "icon-size": byZoom([9, 0.25], [11, 0.4], [12.5, 0.75], [17, 1.2]),
            "icon-allow-overlap": true,
            "text-field": ["step", ["zoom"], "", 14, ["get", "label"]],
            "text-font": FONT,
            "text-size": 11,
            "text-anchor": "top",
            "text-offset": [0, 1],
            "text-optional": true,
          },
          paint: {
            "text-color": palette.label,
            "text-halo-color": palette.halo,
            "text-halo-width": 1.5,
            "icon-opacity": ["case", ["==", ["get", "on_duty"], false], 0.35, 1],
          },
        },
      },
    ];
  },
  legend: (layer, { palette, departments }) => [
    { sample: symbolSample({ shape: "car", color: departmentColor(0, palette) }, palette), words: () => titleOf(layer) },
    ...departments.map((each, i) => ({
      sample: symbolSample({ shape: "circle", color: departmentColor(i, palette) }, palette),
      words: () => nameOf(each),
    })),
    ...(["car", "ebike", "foot"] as const).map((mode) => ({
      sample: symbolSample({ shape: mode, color: palette.quietLabel }, palette),
      words: () => t(`mode_${mode}`),
    })),
  ],
};

/** The colour of the department at a position of the town's list. */
export function departmentColor(position: number, palette: Palette): string {
  return palette.kinds[position % palette.kinds.length] ?? palette.label;
}

function kindsOf(layer: Layer, palette: Palette): { field: Field | undefined; kinds: Kind[] } {
  const field = layer.fields.find((each) => Object.keys(each.codes ?? {}).length > 0);
  const kinds = Object.entries(field?.codes ?? {}).map(([code, [zh, en]], position) => ({
    code,
    words: () => pick(zh, en),
    symbol: symbolOf(code, position, palette),
  }));
  return { field, kinds };
}

function plain(palette: Palette): PointSymbol {
  return { shape: "circle", color: palette.kinds[7] };
}

function pointsOfKinds(layer: Layer, { palette }: Look, minzoom = 0, paint = {}): Drawn[] {
  const { field, kinds } = kindsOf(layer, palette);
  const images = kinds.map(({ code, symbol }) => [code, imageName(symbol, palette.symbolEdge)] as const);
  const other = imageName(plain(palette), palette.symbolEdge);
  const spec: Spec = {
    id: `${layer.id}-symbol`,
    type: "symbol",
    minzoom,
    layout: {
      "icon-image": byCode(field?.name ?? "", images, other),
      "icon-size": byZoom([12, 0.45], [15, 0.65], [18, 0.95]),
      "icon-allow-overlap": true,
    },
    paint,
  };
  return [{ slot: "point", spec }];
}

function dots(layer: Layer, { palette }: Look): Drawn {
  const { field, kinds } = kindsOf(layer, palette);
  const colors = kinds.map(({ code, symbol }) => [code, symbol.color] as const);
  return {
    slot: "small-point",
    spec: {
      id: `${layer.id}-dot`,
      type: "circle",
      maxzoom: 15,
      paint: {
        "circle-color": byCode(field?.name ?? "", colors, palette.quietLabel),
        "circle-radius": byZoom([11, 1.2], [15, 3.2]),
        "circle-stroke-color": palette.symbolEdge,
        "circle-stroke-width": byZoom([12, 0], [15, 0.8]),
      },
    },
  };
}

function halo(layer: Layer, status: string, color: string): Drawn {
  return {
    slot: "point",
    spec: {
      id: `${layer.id}-${status}`,
      type: "circle",
      filter: ["==", ["get", "status"], status],
      paint: {
        "circle-color": color,
        "circle-opacity": 0.22,
        "circle-radius": byZoom([12, 6], [18, 18]),
        "circle-stroke-color": color,
        "circle-stroke-width": 2,
      },
    },
  };
}

function incidentSymbol(state: "open" | "closed", palette: Palette): PointSymbol {
  if (state === "open") return { shape: "diamond", color: palette.alarm };
  return { shape: "circle", color: palette.offline };
}

function whole(layer: Layer, palette: Palette): LegendRow {
  const symbol = kindsOf(layer, palette).kinds[0]?.symbol ?? plain(palette);
  return { sample: symbolSample(symbol, palette), words: () => titleOf(layer) };
}

function kindRows(layer: Layer, palette: Palette): LegendRow[] {
  return kindsOf(layer, palette).kinds.map(({ symbol, words }) => ({
    sample: symbolSample(symbol, palette),
    words,
  }));
}

function symbolSample(symbol: PointSymbol, palette: Palette): LegendRow["sample"] {
  return { kind: "symbol", symbol, edge: palette.symbolEdge };
}
