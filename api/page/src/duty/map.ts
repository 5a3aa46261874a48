// The way to the scene: a small map of the page's own look, with one route and two pins.

import { Marker, type Map as MapLibre } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import type { Layer, Town } from "../contract";
import { h } from "../dom";
import { language } from "../language";
import { flatMap, followPage } from "../map/flat";
import { PALETTES } from "../map/palette";
import { makeStyle, type Picture } from "../map/style";
import { theme } from "../theme";
import type { Order } from "./contract";
import { t } from "./texts";

type LonLat = [lon: number, lat: number];

const SHOWN = new Set(["streets", "buildings", "waters", "town"]);

export class DutyMap {
  readonly element = h("div", { class: "duty-map" });
  readonly #map: MapLibre;
  readonly #town: Town;
  readonly #layers: readonly Layer[];
  readonly #scene: Marker;
  readonly #self: Marker;
  #routes: FeatureCollection | null = null;

  constructor(town: Town, layers: readonly Layer[]) {
    this.#town = town;
    this.#layers = layers;
    this.#scene = new Marker({ element: h("div", { class: "duty-scene" }), anchor: "bottom" });
    this.#self = new Marker({ element: h("div", { class: "duty-self" }) });
    this.#map = flatMap(
      { container: this.element, style: this.#style(), ...(town.bounds && { bounds: town.bounds }), maxZoom: 18, fadeDuration: 0 },
      null,
    );
    followPage(this.#map, () => t("map"), () => this.#map.setStyle(this.#style()));
    this.#map.on("idle", () => (this.element.dataset.idle = "true"));
  }

  show(order: Order): void {
    const scene: LonLat = [order.incident.lon, order.incident.lat];
    const way = (order.route?.coordinates ?? []) as LonLat[];
    this.#routes = way.length ? routeOf(way, scene) : null;
    this.#scene.setLngLat(scene).addTo(this.#map);
    this.#map.setStyle(this.#style());
    this.#map.resize();
    const points = [...way, scene];
    const lons = points.map(([lon]) => lon);
    const lats = points.map(([, lat]) => lat);
    this.#map.fitBounds([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], {
      padding: { top: 56, right: 36, bottom: 28, left: 36 },
      maxZoom: 16.5,
      duration: 0,
    });
  }

  standAt(at: LonLat): void {
    this.#self.setLngLat(at).addTo(this.#map);
  }

  #style() {
    const picture: Picture = {
      layers: this.#layers,
      visible: new Set(this.#layers.filter(({ id, default_visible }) => SHOWN.has(id) || (default_visible && id === "places")).map(({ id }) => id)),
      heat: null,
      heatIsQuiet: false,
      chosenCell: null,
      routes: this.#routes,
      names: null,
    } as Picture;
    const look = { palette: PALETTES[theme()], language: language(), departments: this.#town.departments };
    return makeStyle(picture, look);
  }
}

function routeOf(way: LonLat[], scene: LonLat): FeatureCollection {
  const last = way.at(-1) ?? scene;
  const line = (coordinates: LonLat[], properties: object) =>
    ({ type: "Feature", geometry: { type: "LineString", coordinates }, properties }) as FeatureCollection["features"][number];
  return {
    type: "FeatureCollection",
    features: [
      line([last, scene], { approach: true }),
      line(way, { approach: false, inTime: true, chosen: true }),
    ],
  };
}
