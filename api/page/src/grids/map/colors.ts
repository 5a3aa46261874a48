// The editor's own colours, by day and by night; the ground's are in ../../map/palette.ts.

import type { Theme } from "../../map/palette";
import type { Level } from "../contract";

export interface Colors {
  lines: Record<Level, string>;
  chosen: string;
  hovered: string;
  before: string;
  planned: string;
  mine: string;
  theirs: string;
  fault: string;
  snap: string;
  sketch: string;
  under: string;
  over: string;
  inBand: string;
  first: string;
  second: string;
}

const LIGHT: Colors = {
  lines: { 1: "#26333a", 2: "#6a3d9a", 3: "#11636c", 4: "#5b8f96" },
  chosen: "#d6106b",
  hovered: "#e8649e",
  before: "#9a5b00",
  planned: "#1d4fd8",
  mine: "#1d4fd8",
  theirs: "#c2410c",
  fault: "#c8102e",
  snap: "#0b7a4b",
  sketch: "#d6106b",
  under: "#3576d4",
  over: "#e0661a",
  inBand: "#0f6a73",
  first: "#d6106b",
  second: "#6a3d9a",
};

const DARK: Colors = {
  lines: { 1: "#c9d4db", 2: "#c6a0f0", 3: "#4fc3c9", 4: "#3b7f86" },
  chosen: "#ff6aa8",
  hovered: "#ff9cc5",
  before: "#e0ab58",
  planned: "#84a9ff",
  mine: "#84a9ff",
  theirs: "#ff9a57",
  fault: "#ff5c66",
  snap: "#3ddc97",
  sketch: "#ff6aa8",
  under: "#5f9bf0",
  over: "#ff8f47",
  inBand: "#4fc3c9",
  first: "#ff6aa8",
  second: "#c6a0f0",
};

export const COLORS: Record<Theme, Colors> = { light: LIGHT, dark: DARK };
