// The editor's map. Everything that knows MapLibre's Map object is here.

import type { Feature, Geometry } from "geojson";
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent, PaddingOptions, StyleSpecification } from "maplibre-gl";
import type { Layer } from "../../contract";
import { language } from "../../language";
import { flatMap, followPage } from "../../map/flat";
import { PALETTES } from "../../map/palette";
import { theme } from "../../theme";
import type { Place } from "../contract";
import { t } from "../texts";
import type { Box, Pixel } from "../model/plane";
import { COLORS } from "./colors";
import { PICTURE_PREFIX } from "./picture";
import { restyle } from "./restyle";
import { makeEditorStyle, SNAPPED, SOURCES, type Shown, type SourceName } from "./style";

interface Options {
  container: HTMLElement;
  bounds: Box;
  layers: readonly Layer[];
  onClick?: (place: Place, pixel: Pixel) => void;
  onDoubleClick?: (place: Place) => void;
  onHover?: (place: Place, pixel: Pixel) => void;
  /** The map has moved or its size has changed. */
  onMove?: () => void;
  /** Whether it only follows another map, and nobody handles it. */
  isLed?: boolean;
}

/** A street or a water beside the pointer. */
export interface Beside {
  layer: string;
  id: number;
  name: string;
  geometry: Geometry;
}

export class GridMap {
  readonly #map: MapLibre;
  readonly #options: Options;
  readonly #data = new Map<SourceName, Map<number, Feature>>();
  #shown: Shown = { level: 4, past: false, picture: null };
  /** Called with the status where a tile of the picture does not come. */
  onPictureFault: (status: number) => void = () => undefined;
  #stands = false;
  #drawn: StyleSpecification;
  #lifted: readonly number[] = [];
  #hovered: number | null = null;

  constructor(options: Options) {
    this.#options = options;
    const isLed = options.isLed ?? false;
    for (const name of SOURCES) this.#data.set(name, new Map());
    this.#drawn = this.#style();
    const how = {
      container: options.container,
      style: this.#drawn,
      bounds: options.bounds,
      minZoom: 8,
      maxZoom: 21,
      hash: isLed ? false : "map",
      interactive: !isLed,
      doubleClickZoom: false,
      boxZoom: false,
      fadeDuration: 0,
    };
    // The map itself writes its place there.
    const isPlaced = isLed || /[#&]map=/.test(location.hash);
    this.#map = flatMap(how, isLed ? null : "bottom-left");
    this.#listen(isPlaced);
  }

  /** Draw these features of a source, and no others. */
  set(source: SourceName, features: Iterable<Feature>): void {
    const all = [...features].map((feature, i) => ({ ...feature, id: feature.id ?? i + 1 }));
    this.#data.set(source, new Map(all.map((feature) => [Number(feature.id), feature])));
    this.#source(source)?.setData({ type: "FeatureCollection", features: all });
    if (source === "arcs") this.#lift();
  }

  /** Change a few features of a source and leave the others as they are drawn. */
  patch(source: SourceName, changed: Feature[], gone: readonly number[]): void {
    const all = this.#data.get(source) ?? new Map<number, Feature>();
    for (const id of gone) all.delete(id);
    for (const feature of changed) all.set(Number(feature.id), feature);
    // What is added under an id that is there replaces it.
    void this.#source(source)?.updateData({ remove: [...gone], add: changed });
  }

  /** Hide arcs that are drawn as they would run. */
  lift(arcs: readonly number[]): void {
    if (arcs.join() === this.#lifted.join()) return;
    this.#state(this.#lifted, { lifted: false });
    this.#lifted = arcs;
    this.#lift();
  }

  hover(arc: number | null): void {
    if (arc === this.#hovered) return;
    if (this.#hovered !== null) this.#state([this.#hovered], { hovered: false });
    this.#hovered = arc;
    if (arc !== null) this.#state([arc], { hovered: true });
  }

  cursor(name: "" | "pointer" | "crosshair"): void {
    this.#map.getCanvas().style.cursor = name;
  }

  show(shown: Partial<Shown>): void {
    this.#shown = { ...this.#shown, ...shown };
    this.#restyle();
  }

  /** The id of the nearest arc within some pixels. */
  arcAt([x, y]: Pixel, within: number): number[] {
    const box: [Pixel, Pixel] = [
      [x - within, y - within],
      [x + within, y + within],
    ];
    const layers = [1, 2, 3, 4].filter((each) => each <= this.#shown.level).map((each) => `arcs-${each}`);
    if (!this.#stands) return [];
    return [...new Set(this.#map.queryRenderedFeatures(box, { layers }).map(({ id }) => Number(id)))];
  }

  /** Streets and waters within some pixels, as the tiles have them. */
  beside([x, y]: Pixel, within: number): Beside[] {
    const box: [Pixel, Pixel] = [
      [x - within, y - within],
      [x + within, y + within],
    ];
    if (!this.#stands) return [];
    return this.#map
      .queryRenderedFeatures(box)
      .filter(({ source }) => SNAPPED.includes(source))
      .map(({ source, id, properties, geometry }) => ({
        layer: source,
        id: Number(id),
        name: String(properties.name ?? ""),
        geometry,
      }));
  }

  pixel(place: Place): Pixel {
    const { x, y } = this.#map.project(place);
    return [x, y];
  }

  place([x, y]: Pixel): Place {
    const { lng, lat } = this.#map.unproject([x, y]);
    return [lng, lat];
  }

  center(): Place {
    const { lng, lat } = this.#map.getCenter();
    return [lng, lat];
  }

  /** Show a box, no closer than `maxZoom`. */
  fit([west, south, east, north]: Box, maxZoom = 17.5): void {
    if (!Number.isFinite(west)) return;
    const padding = Math.min(90, this.#options.container.clientWidth / 6);
    this.#map.fitBounds([west, south, east, north], { padding, maxZoom, duration: 500 });
  }

  wholeTown(duration = 500): void {
    this.#map.fitBounds(this.#options.bounds, { padding: roomForTown(), duration });
  }

  /** Look where another map looks, at the same picture. */
  follow(leader: GridMap): void {
    const map = leader.#map;
    this.#map.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
    const { picture } = leader.#shown;
    if (picture !== this.#shown.picture) this.show({ picture });
  }

  zoomBy(steps: number): void {
    this.#map.zoomTo(this.#map.getZoom() + steps);
  }

  get canvas(): HTMLCanvasElement {
    return this.#map.getCanvas();
  }

  #source(name: SourceName): GeoJSONSource | undefined {
    return this.#stands ? this.#map.getSource(name) : undefined;
  }

  #lift(): void {
    this.#state(this.#lifted, { lifted: true });
  }

  #state(arcs: readonly number[], state: Record<string, boolean>): void {
    if (!this.#stands) return;
    for (const id of arcs) this.#map.setFeatureState({ source: "arcs", id }, state);
  }

  #style() {
    const look = { palette: PALETTES[theme()], language: language(), departments: [] };
    return makeEditorStyle(this.#options.layers, look, COLORS[theme()], this.#shown);
  }

  #restyle(): void {
    if (!this.#stands) return;
    const style = this.#style();
    const isDone = restyle(this.#map, this.#drawn, style);
    this.#drawn = style;
    if (isDone) return;
    this.#map.setStyle(style, { diff: true });
    this.#fill();
  }

  /** A style has no data of ours: put it there. */
  #fill(): void {
    for (const [name, features] of this.#data) {
      if (!features.size) continue;
      this.#source(name)?.setData({ type: "FeatureCollection", features: [...features.values()] });
    }
    this.#lift();
  }

  #listen(isPlaced: boolean): void {
    const map = this.#map;
    followPage(map, () => t("map"), () => this.#restyle());
    map.once("style.load", () => {
      this.#stands = true;
      // Only now the container is on the page and has its size.
      map.resize();
      if (!isPlaced) this.wholeTown(0);
      this.#restyle();
      this.#fill();
    });
    const where = ({ lngLat, point }: MapMouseEvent): [Place, Pixel] => [
      [lngLat.lng, lngLat.lat],
      [point.x, point.y],
    ];
    map.on("click", (event) => this.#options.onClick?.(...where(event)));
    map.on("dblclick", (event) => this.#options.onDoubleClick?.(where(event)[0]));
    map.on("mousemove", (event) => this.#options.onHover?.(...where(event)));
    map.on("move", () => this.#options.onMove?.());
    map.on("resize", () => this.#options.onMove?.());
    // For whoever drives the page from outside: true once everything that is to be seen is drawn.
    map.on("dataloading", () => (this.#options.container.dataset.idle = "false"));
    map.on("idle", () => (this.#options.container.dataset.idle = "true"));
    map.on("error", ({ error, ...rest }) => {
      // A tile that could not be read is read again at the next move.
      if (!("sourceId" in rest)) console.error(error);
      else if (String(rest.sourceId).startsWith(PICTURE_PREFIX)) this.onPictureFault((error as { status?: number }).status ?? 0);
    });
  }
}

/** On a phone the head lies over the map, and the sheet over its lower half. */
function roomForTown(): PaddingOptions {
  const isPhone = matchMedia("(max-width: 46rem)").matches;
  const [top, side, bottom] = isPhone ? [110, 16, innerHeight * 0.5] : [40, 40, 40];
  return { top, bottom, left: side, right: side };
}
