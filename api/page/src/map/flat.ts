// What the maps of all pages have in common: flat, north up, nothing from anybody else.

import { Map as MapLibre, ScaleControl, setWorkerUrl, type ControlPosition, type MapOptions } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { onLanguage } from "../language";
import { onTheme } from "../theme";
import { drawImage } from "./symbols";

const SYMBOL_PIXEL_RATIO = 2;

setWorkerUrl(workerUrl);

/** A map that can't be turned or tilted; its scale stands in a corner, if one is named. */
export function flatMap(options: MapOptions, scaleAt: ControlPosition | null): MapLibre {
  const map = new MapLibre({
    ...options,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maplibreLogo: false,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  if (scaleAt) map.addControl(new ScaleControl({ maxWidth: 110 }), scaleAt);
  map.setMissingStyleImageResolver((name) => addSymbol(map, name));
  return map;
}

/** Name the map in the page's language, and draw it anew when language or theme change. */
export function followPage(map: MapLibre, name: () => string, redraw: () => void): void {
  const describe = () => map.getCanvas().setAttribute("aria-label", name());
  describe();
  onLanguage(describe);
  onLanguage(redraw);
  onTheme(redraw);
}

function addSymbol(map: MapLibre, name: string): void {
  const image = drawImage(name, SYMBOL_PIXEL_RATIO);
  if (image && !map.hasImage(name)) map.addImage(name, image, { pixelRatio: SYMBOL_PIXEL_RATIO });
}
