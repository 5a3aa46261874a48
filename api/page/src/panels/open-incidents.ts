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

interface Options {
  town: Town;
  onPick: (at: LonLat, incident: KnownIncident) => void;
}

/** A list that fills itself; it stays away where there is nothing open. */
export class OpenIncidents {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #list = h("ul", {});
  #shown = "";

  constructor(options: Options) {
    this.#options = options;
    const title = h("h2", {}, () => t("openIncidents"));
    this.element = h("section", { class: "open-incidents", hidden: true }, title, this.#list);
    void this.refresh();
  }

  async refresh(): Promise<void> {
    try {
      this.#show((await readOpenIncidents(MOST)).features);
    } catch (error) {
      // The list is a convenience: without it the point is picked on the map or typed.
      if (!(error instanceof ServerError)) throw error;
    }
  }

  #show(incidents: readonly Feature<Point, IncidentProperties>[]): void {
    const shown = JSON.stringify(incidents.map(({ id }) => id));
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { town, onPick } = this.#options;
    this.#list.replaceChildren(...incidents.map((incident) => row(incident, town, onPick)));
    this.element.hidden = !incidents.length;
  }
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
