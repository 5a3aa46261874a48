// The map on the screen. Everything that knows MapLibre's Map object is here.

import { Marker, Popup, type Map as MapLibre, type PaddingOptions } from "maplibre-gl";
import type { Layer, Named } from "../contract";
import { language, t } from "../language";
import { theme } from "../theme";
import { flatMap, followPage } from "./flat";
import { namedLayers, namesOf, type Piece } from "./names";
import { PALETTES } from "./palette";
import { makeStyle, type Picture } from "./style";
import { CellPaint } from "./cell-paint";
import { Freehand, type FreehandHands } from "./freehand";
import type { Look } from "./styles/style";

export type LonLat = [lon: number, lat: number];

/** Something drawn under the pointer. */
export interface Found {
  layerId: string;
  id: string | number | undefined;
  properties: Record<string, unknown>;
}

export interface Pin {
  at: LonLat;
  element: HTMLElement;
  /** Pixels by which the pin is moved down, negative for up. */
  lift?: number;
}

interface Options {
  container: HTMLElement;
  bounds: [number, number, number, number];
  layers: readonly Layer[];
  visible: ReadonlySet<string>;
  departments: readonly Named[];
  /** What lies over the map, in pixels. */
  covered: { top: number; bottom: number };
  onPick: (at: LonLat, found: Found[]) => void;
  onZoom: (zoom: number) => void;
  onTrouble: (layerId: string | undefined, why: string) => void;
}

const FINGER_PX = 6;

export class MapView {
  readonly #map: MapLibre;
  readonly #options: Options;
  #picture: Picture;
  #styleStands = false;
  #redraw = 0;
  readonly #cells = new CellPaint();
  #pins: Marker[] = [];
  #popup: Popup | null = null;
  #freehand: Freehand | null = null;
  #covered: Options["covered"];

  constructor(options: Options) {
    this.#options = options;
    this.#covered = options.covered;
    const { layers, visible } = options;
    this.#picture = {
      layers,
      visible,
      heat: null,
      heatIsQuiet: false,
      chosenCell: null,
      routes: null,
      names: null,
      response: null,
    };
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const how = {
      container: options.container,
      style: makeStyle(this.#picture, this.#look()),
      bounds: options.bounds,
      fitBoundsOptions: { padding: this.#roomForTown() },
      maxBounds: widened(options.bounds),
      minZoom: 6,
      maxZoom: 19,
      hash: "map",
      fadeDuration: calm ? 0 : 150,
    };
    this.#map = flatMap(how, "top-left");
    this.#listen();
  }

  /** Draw with something changed. */
  update(change: Partial<Picture>): void {
    this.#picture = { ...this.#picture, ...change };
    this.#restyle();
  }

  /** Colour the cells of coverage: a digit each, in the order of their ids. */
  paintCells(digits: string): void {
    this.#cells.wanted = digits;
    this.#restyle();
  }

  /** Read the tiles of these layers anew: something has changed in them. */
  refresh(layerIds: Iterable<string>): void {
    for (const id of layerIds) if (this.#map.getSource(id)) this.#map.refreshTiles(id);
  }

  /** Put pins where the answer says, instead of those that stand. */
  pin(pins: Pin[]): void {
    for (const marker of this.#pins) marker.remove();
    this.#pins = pins.map(({ at, element, lift }) =>
      new Marker({ element, anchor: "bottom", offset: [0, lift ?? 0] }).setLngLat(at).addTo(this.#map),
    );
  }

  popup(at: LonLat, content: HTMLElement): void {
    this.#popup?.remove();
    this.#popup = new Popup({ maxWidth: "320px", closeButton: true, focusAfterOpen: false })
      .setLngLat(at)
      .setDOMContent(content)
      .addTo(this.#map);
  }

  /** Lines are drawn by hand from now on, into these hands; null: the map moves again. */
  drawByHand(hands: FreehandHands | null): void {
    this.#freehand?.end();
    this.#freehand = hands && new Freehand(this.#map, hands);
    this.#map.getCanvas().toggleAttribute("data-drawn-on", hands !== null);
  }

  closePopup(): void {
    this.#popup?.remove();
  }

  cover(covered: { top: number; bottom: number }): void {
    this.#covered = { ...this.#covered, ...covered };
  }

  /** Show all of these points, clear of the panel. */
  fit(points: LonLat[], maxZoom = 16): void {
    if (!points.length) return;
    this.#map.fitBounds(boundsOf(points), {
      padding: this.#margins(40),
      maxZoom,
      duration: 600,
    });
  }

  wholeTown(): void {
    this.#map.fitBounds(this.#options.bounds, { padding: this.#roomForTown() });
  }

  zoomBy(steps: number): void {
    this.#map.zoomTo(this.#map.getZoom() + steps);
  }

  zoom(): number {
    return this.#map.getZoom();
  }

  center(): LonLat {
    return this.#map.getCenter().toArray();
  }

  /** Clear of the panel, of the pins' height and of the buttons. */
  #margins(px: number): PaddingOptions {
    const { top, bottom } = this.#covered;
    return { top: top + px + 20, right: px + 64, bottom: bottom + px - 16, left: px + 16 };
  }

  #roomForTown(): PaddingOptions {
    const { top, bottom } = this.#covered;
    const isPhone = top > 0;
    const margin = isPhone ? 12 : 32;
    const buttons = isPhone ? 32 : 0;
    return {
      top: top + margin + 12,
      right: margin + buttons,
      bottom: bottom + margin,
      left: margin,
    };
  }

  #look(): Look {
    return {
      palette: PALETTES[theme()],
      language: language(),
      departments: this.#options.departments,
    };
  }

  #listen(): void {
    const map = this.#map;
    const canvas = map.getCanvas();
    followPage(map, () => t("map"), () => this.#restyle());
    map.once("style.load", () => {
      this.#styleStands = true;
      this.#restyle();
    });
    map.on("click", (event) => this.#pick(event.lngLat.toArray(), [event.point.x, event.point.y]));
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#pick(map.getCenter().toArray());
    });
    map.on("zoomend", () => this.#options.onZoom(map.getZoom()));
    map.on("error", ({ error, ...rest }) => {
      const source = (rest as { sourceId?: string }).sourceId;
      this.#options.onTrouble(source, error?.message ?? "");
    });
    // For whoever drives the page from outside: true once everything that is to be seen is drawn.
    map.on("dataloading", () => (this.#options.container.dataset.idle = "false"));
    map.on("idle", () => {
      this.#writeNames();
      if (!this.#redraw) this.#options.container.dataset.idle = "true";
    });
  }

  /** Once all tiles are there it is known which units are on the screen. */
  #writeNames(): void {
    const { layers, visible, names } = this.#picture;
    const features = namedLayers(layers, visible, this.#map.getZoom()).flatMap((id) =>
      namesOf(id, this.#pieces(id)),
    );
    const same = JSON.stringify(names?.features ?? []) === JSON.stringify(features);
    if (!same) this.update({ names: { type: "FeatureCollection", features } });
  }

  #pieces(layerId: string): Piece[] {
    const found = this.#map.querySourceFeatures(layerId, { sourceLayer: layerId });
    return found.flatMap(({ id, geometry, properties }) =>
      id !== undefined && (geometry.type === "Polygon" || geometry.type === "MultiPolygon")
        ? [{ id, shape: geometry, properties }]
        : [],
    );
  }

  #pick(at: LonLat, pixel?: [number, number]): void {
    const { x, y } = this.#map.project(at);
    this.#options.onPick(at, this.#featuresAt(pixel ?? [x, y]));
  }

  #featuresAt([x, y]: [number, number]): Found[] {
    const corners: [[number, number], [number, number]] = [
      [x - FINGER_PX, y - FINGER_PX],
      [x + FINGER_PX, y + FINGER_PX],
    ];
    const found = new Map<string, Found>();
    for (const feature of this.#map.queryRenderedFeatures(corners)) {
      const { source: layerId, id, properties } = feature;
      const key = `${layerId} ${id ?? JSON.stringify(properties)}`;
      if (!found.has(key)) found.set(key, { layerId, id, properties });
    }
    return [...found.values()];
  }

  /** All changes of one frame are drawn together. */
  #restyle(): void {
    this.#options.container.dataset.idle = "false";
    if (!this.#styleStands || this.#redraw) return;
    this.#redraw = requestAnimationFrame(() => {
      this.#redraw = 0;
      this.#map.setStyle(makeStyle(this.#picture, this.#look()), { diff: true });
      this.#cells.paint(this.#map, this.#picture.response?.cellsUrl ?? null);
      this.#map.triggerRepaint();
    });
  }
}

function boundsOf(points: LonLat[]): [number, number, number, number] {
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

/** The town and as much again on each side: further out there is nothing of ours. */
function widened([west, south, east, north]: Options["bounds"]): Options["bounds"] {
  const width = Math.max(east - west, 0.02);
  const height = Math.max(north - south, 0.02);
  return [west - 2 * width, south - 2 * height, east + 2 * width, north + 2 * height];
}
