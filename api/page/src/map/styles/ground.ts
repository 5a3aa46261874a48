// The ground: water, buildings, streets and the names of places.

import { t, titleOf } from "../../language";
import type { Palette } from "../palette";
import {
  byCode,
  byZoom,
  FONT,
  isOneOf,
  nameExpression,
  type Drawn,
  type LayerStyle,
  type Slot,
} from "./style";

export const water: LayerStyle = {
  draw: (_layer, { palette }) => [
    {
      slot: "water",
      spec: {
        id: "water-area",
        type: "fill",
        filter: ["==", ["geometry-type"], "Polygon"],
        paint: { "fill-color": palette.water, "fill-outline-color": palette.waterEdge },
      },
    },
    {
      slot: "water",
      spec: {
        id: "water-course",
        type: "line",
        filter: ["==", ["geometry-type"], "LineString"],
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": palette.water, "line-width": byZoom([9, 0.6], [13, 1.6], [17, 6]) },
      },
    },
  ],
  legend: (layer, { palette }) => [
    {
      sample: { kind: "fill", color: palette.water, edge: palette.waterEdge },
      words: () => titleOf(layer),
    },
  ],
};

export const buildings: LayerStyle = {
  draw: (_layer, { palette }) => [
    {
      slot: "building",
      spec: {
        id: "buildings-area",
        type: "fill",
        paint: {
          "fill-color": palette.building,
          "fill-outline-color": palette.buildingEdge,
          "fill-opacity": byZoom([13, 0.5], [15, 1]),
        },
      },
    },
  ],
  legend: (layer, { palette }) => [
    {
      sample: { kind: "fill", color: palette.building, edge: palette.buildingEdge },
      words: () => titleOf(layer),
    },
  ],
};

const MAIN = ["motorway", "trunk", "primary", "secondary"].flatMap((each) => [each, `${each}_link`]);
const PATHS = ["footway", "path", "steps", "pedestrian", "cycleway", "track", "bridleway", "corridor"];
const MIDDLE = ["tertiary", "tertiary_link"];
const isMain = isOneOf("class", MAIN);
const isPath = isOneOf("class", PATHS);
const isMiddle = isOneOf("class", MIDDLE);
const isSmall = ["!", isOneOf("class", [...MAIN, ...PATHS, ...MIDDLE])] as never;

const ROUND = { "line-cap": "round", "line-join": "round" } as const;
const WIDTHS = {
  main: byZoom([8, 1], [12, 2.4], [15, 7], [18, 26]),
  mainCasing: byZoom([8, 1.6], [12, 3.6], [15, 9], [18, 30]),
  middle: byZoom([10, 0.8], [13, 2.2], [15, 5], [18, 20]),
  middleCasing: byZoom([10, 1.2], [13, 3.4], [15, 6.8], [18, 23]),
  small: byZoom([12, 0.6], [14, 1.6], [16, 5], [18, 14]),
  smallCasing: byZoom([12, 1], [14, 2.6], [16, 6.4], [18, 16.5]),
};

function streetLine(
  slot: Slot,
  id: string,
  filter: never,
  color: string,
  width: (typeof WIDTHS)[keyof typeof WIDTHS],
  minzoom: number,
): Drawn {
  const paint = { "line-color": color, "line-width": width };
  return { slot, spec: { id, type: "line", filter, minzoom, layout: ROUND, paint } };
}

function streetLines({ streetCasing, street, mainStreet }: Palette): Drawn[] {
  const [small, middle, main] = [isSmall as never, isMiddle as never, isMain as never];
  return [
    streetLine("street-casing", "streets-small-casing", small, streetCasing, WIDTHS.smallCasing, 12),
    streetLine("street-casing", "streets-middle-casing", middle, streetCasing, WIDTHS.middleCasing, 10),
    streetLine("street-casing", "streets-main-casing", main, streetCasing, WIDTHS.mainCasing, 7),
    streetLine("street", "streets-small", small, street, WIDTHS.small, 12),
    streetLine("street", "streets-middle", middle, street, WIDTHS.middle, 10),
    streetLine("street", "streets-main", main, mainStreet, WIDTHS.main, 7),
  ];
}

export const streets: LayerStyle = {
  draw: (layer, { palette, language }) => [
    ...streetLines(palette),
    {
      slot: "street",
      spec: {
        id: "streets-path",
        type: "line",
        filter: isPath,
        minzoom: 14,
        paint: {
          "line-color": palette.path,
          "line-width": byZoom([14, 0.7], [17, 2]),
          "line-dasharray": [2.5, 1.5],
        },
      },
    },
    {
      slot: "label",
      spec: {
        id: "streets-name",
        type: "symbol",
        minzoom: 13.5,
        filter: ["!", isPath] as never,
        layout: {
          "symbol-placement": "line",
          "symbol-spacing": 320,
          "text-field": nameExpression(language, layer.fields),
          "text-font": FONT,
          "text-size": byZoom([13, 10], [17, 13]),
          "text-padding": 8,
        },
        paint: {
          "text-color": palette.quietLabel,
          "text-halo-color": palette.halo,
          "text-halo-width": 1.4,
        },
      },
    },
  ],
  legend: (layer, { palette }) => [
    {
      sample: { kind: "line", color: palette.street, casing: palette.streetCasing, width: 4 },
      words: () => titleOf(layer),
    },
    {
      sample: { kind: "line", color: palette.mainStreet, casing: palette.streetCasing, width: 6 },
      words: () => t("motorway"),
    },
    {
      sample: { kind: "line", color: palette.street, casing: palette.streetCasing, width: 4 },
      words: () => t("street"),
    },
    {
      sample: { kind: "line", color: palette.path, width: 2, dashed: true },
      words: () => t("path"),
    },
  ],
};

const PLACE_SIZES = [
  ["city", "20"],
  ["town", "18"],
  ["suburb", "14"],
] as const;

export const places: LayerStyle = {
  draw: (layer, { palette, language }) => [
    {
      slot: "label",
      spec: {
        id: "places-name",
        type: "symbol",
        layout: {
          "text-field": nameExpression(language, layer.fields),
          "text-font": FONT,
          "text-size": ["to-number", byCode("kind", PLACE_SIZES, "13")],
          "text-max-width": 7,
          "text-padding": 6,
          "symbol-sort-key": ["-", ["to-number", byCode("kind", PLACE_SIZES, "13")]],
        },
        paint: {
          "text-color": palette.label,
          "text-halo-color": palette.halo,
          "text-halo-width": 1.8,
        },
      },
    },
  ],
  legend: (layer, { palette }) => [
    {
      sample: { kind: "symbol", symbol: { shape: "ring", color: palette.label }, edge: palette.halo },
      words: () => titleOf(layer),
    },
  ],
};
