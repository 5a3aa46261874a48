// The newest open incidents: one press asks who can be there first. Only who may see them gets them.

import type { Feature, Point } from "geojson";
import type { IncidentProperties, Town } from "../contract";
import type { KnownIncident } from "../dispatch/nearest/ordering";
import { h } from "../dom";
import { moment } from "../format";
import { nameOf, t } from "../language";
import type { LonLat } from "../map/view";
import { readOpenIncidents, ServerError } from "../server";

const MOST = 6;

/** A list that fills itself; it stays away where there is nothing open. */
export function openIncidents(town: Town, onPick: (at: LonLat, incident: KnownIncident) => void): HTMLElement {
  const list = h("ul", {});
  const title = h("h2", {}, () => t("openIncidents"));
  const place = h("section", { class: "open-incidents", hidden: true }, title, list);
  readOpenIncidents(MOST)
    .then(({ features }) => {
      list.append(...features.map((incident) => row(incident, town, onPick)));
      place.hidden = !features.length;
    })
    .catch((error: unknown) => {
      // The list is a convenience: without it the point is picked on the map or typed.
      if (!(error instanceof ServerError)) throw error;
    });
  return place;
}

function row(
  { id, geometry, properties }: Feature<Point, IncidentProperties>,
  town: Town,
  onPick: (at: LonLat, incident: KnownIncident) => void,
): HTMLElement {
  const category = town.categories.find(({ code }) => code === properties.category);
  const name = () => (category ? nameOf(category) : properties.category_name);
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", onclick: () => onPick(geometry.coordinates as LonLat, { id: Number(id), name }) },
      h("span", {}, name),
      h("span", { class: "small number" }, moment(properties.occurred_at, town.time_zone)),
    ),
  );
}
