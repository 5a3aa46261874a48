// A style that has changed, put on a map that has the one before.

import type { LayerSpecification, Map as MapLibre, StyleSpecification } from "maplibre-gl";

type Properties = Record<string, unknown>;

/**
 * Change what differs in the layers of two styles, and leave the data of their sources as they are.
 *
 * MapLibre's own comparison of styles compares, and takes away, the data of GeoJSON sources too.
 * False where the styles don't have the same layers and sources.
 */
export function restyle(map: MapLibre, before: StyleSpecification, now: StyleSpecification): boolean {
  if (!same(shapeOf(before), shapeOf(now))) return false;
  for (const [i, layer] of now.layers.entries()) change(map, before.layers[i] as LayerSpecification, layer);
  return true;
}

function shapeOf({ layers, sources }: StyleSpecification): unknown {
  return [layers.map(({ id, type }) => [id, type]), Object.keys(sources)];
}

function change(map: MapLibre, before: LayerSpecification, now: LayerSpecification): void {
  const { id } = now;
  if (now.type !== "background" && before.type !== "background" && !same(before.filter, now.filter)) {
    map.setFilter(id, now.filter);
  }
  for (const [name, value] of differing(before.paint, now.paint)) map.setPaintProperty(id, name as never, value as never);
  for (const [name, value] of differing(before.layout, now.layout)) map.setLayoutProperty(id, name as never, value as never);
}

function differing(before: Properties = {}, now: Properties = {}): [name: string, value: unknown][] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => !same(before[name], now[name])).map((name) => [name, now[name]]);
}

function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
