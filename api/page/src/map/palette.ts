// The colours of the map, by day and by night. The panels' own are in styles/theme.css.

import type { HotspotClass } from "../contract";

export type Theme = "light" | "dark";

export interface Palette {
  outside: string;
  town: string;
  townEdge: string;
  water: string;
  waterEdge: string;
  building: string;
  buildingEdge: string;
  streetCasing: string;
  mainStreet: string;
  street: string;
  path: string;
  border: string;
  gridLine: string;
  label: string;
  quietLabel: string;
  halo: string;
  symbolEdge: string;
  /** Colours of kinds and departments, told apart by people who confuse red and green too. */
  kinds: readonly [string, string, string, string, string, string, string, string];
  alarm: string;
  offline: string;
  view: string;
  inTime: string;
  late: string;
  routeCasing: string;
  /** Of streets that are closed: the tape's two colours; of slow ones. */
  closed: string;
  tape: string;
  slow: string;
  hotspots: Record<HotspotClass, string>;
}

const LIGHT: Palette = {
  outside: "#e9ebe8",
  town: "#f7f7f3",
  townEdge: "#5d6b73",
  water: "#b7d3e5",
  waterEdge: "#9dc1d9",
  building: "#e4e1d9",
  buildingEdge: "#cfcabf",
  streetCasing: "#cbc8c0",
  mainStreet: "#fff3cf",
  street: "#ffffff",
  path: "#c3bcae",
  border: "#7b7391",
  gridLine: "#8a8299",
  label: "#2c363d",
  quietLabel: "#5d666d",
  halo: "#fbfbf8",
  symbolEdge: "#ffffff",
  kinds: ["#2f5fb3", "#8a4fa3", "#0d7f78", "#a9641b", "#b03a68", "#5c7a1f", "#4a5a8a", "#6b6b6b"],
  alarm: "#c8102e",
  offline: "#8b9298",
  view: "#3d6fd1",
  inTime: "#0b7a4b",
  late: "#b4470c",
  routeCasing: "#ffffff",
  closed: "#c8102e",
  tape: "#ffffff",
  slow: "#e08a00",
  hotspots: {
    hot_99: "#b2182b",
    hot_95: "#e2583e",
    hot_90: "#f6a274",
    not_significant: "#6a737b",
    cold_90: "#9cc6e3",
    cold_95: "#4f94c9",
    cold_99: "#2065ab",
  },
};

const DARK: Palette = {
  outside: "#0e1216",
  town: "#161c22",
  townEdge: "#8796a3",
  water: "#1b3347",
  waterEdge: "#274760",
  building: "#222a33",
  buildingEdge: "#303a45",
  streetCasing: "#12171c",
  mainStreet: "#5c5640",
  street: "#3a444f",
  path: "#37414b",
  border: "#8d84a8",
  gridLine: "#6f6884",
  label: "#d5dde3",
  quietLabel: "#94a1ac",
  halo: "#12171c",
  symbolEdge: "#0e1216",
  kinds: ["#7ea6f2", "#cf9be6", "#4fc9bd", "#e3a258", "#f28bb3", "#acc963", "#a3b2e6", "#b3b9be"],
  alarm: "#ff5c66",
  offline: "#6d7780",
  view: "#7ea6f2",
  inTime: "#3ddc97",
  late: "#ffa04d",
  routeCasing: "#0b0f13",
  closed: "#ff5c66",
  tape: "#161c22",
  slow: "#ffb84d",
  hotspots: {
    hot_99: "#ff4a44",
    hot_95: "#f5824f",
    hot_90: "#f0b482",
    not_significant: "#8a949d",
    cold_90: "#8fbbd8",
    cold_95: "#5a9fd6",
    cold_99: "#3f86e0",
  },
};

export const PALETTES: Record<Theme, Palette> = { light: LIGHT, dark: DARK };
