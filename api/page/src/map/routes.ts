// The routes of an answer as features to draw.

import type { Feature, FeatureCollection, LineString } from "geojson";
import type { Responder } from "../contract";
import type { LonLat } from "./view";

/**
 * The routes to `incident`, the chosen one on top, and from both ends of each the way over open
 * ground between the street and the point itself.
 */
export function routesOf(
  incident: LonLat,
  responders: readonly Responder[],
  chosen: string | null,
): FeatureCollection {
  const isChosen = (each: Responder) => each.key === chosen;
  const inOrder = [...responders.filter((each) => !isChosen(each)), ...responders.filter(isChosen)];
  const approaches = responders.flatMap(({ lon, lat, route }) => [
    line([[lon, lat], ...route.coordinates.slice(0, 1)], { approach: true }),
    line([...route.coordinates.slice(-1), incident], { approach: true }),
  ]);
  const routes = inOrder.map((each) =>
    line(each.route.coordinates, {
      approach: false,
      inTime: each.in_time,
      chosen: isChosen(each),
    }),
  );
  return { type: "FeatureCollection", features: [...approaches, ...routes] };
}

/** Every point that must be in view for the routes to be seen. */
export function routePoints(responders: readonly Responder[]): LonLat[] {
  return responders.flatMap(({ lon, lat, route }) => [
    [lon, lat],
    ...(route.coordinates as LonLat[]),
  ]);
}

function line(
  coordinates: LineString["coordinates"],
  properties: Record<string, boolean>,
): Feature<LineString> {
  return { type: "Feature", geometry: { type: "LineString", coordinates }, properties };
}
