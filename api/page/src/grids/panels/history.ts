// The grids of any past day, by a slider over the days.

import type { Feature, MultiPolygon, Polygon } from "geojson";
import { h } from "../../dom";
import { daysBetween, moment, plusDays } from "../../format";
import { ServerError } from "../../server";
import type { Draft, Place } from "../contract";
import { lineFeature } from "../map/features";
import type { GridMap } from "../map/view";
import { readPast } from "../server";
import { t } from "../texts";
import { button, field, rowButton, section } from "./rows";

const LAYERS = ["villages", "grids", "micro-grids"] as const;
const WAIT_MS = 250;
const YEARS_BACK_DAYS = 730;

interface Options {
  map: GridMap;
  /** The town's today, and its time zone. */
  today: string;
  timeZone: string;
}

export class HistoryPanel {
  readonly element = h("div", { class: "history" });
  readonly #options: Options;
  readonly #slider = h("input", { type: "range", id: "history-slider", min: 0, "aria-label": () => t("historyDay") });
  readonly #day = h("input", { type: "date", id: "history-day" });
  readonly #said = h("p", { class: "small", role: "status" });
  readonly #moments = h("ul", { class: "rows" });
  #first: string;
  #asked: AbortController | null = null;
  #timer = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#first = plusDays(options.today, -YEARS_BACK_DAYS);
    this.#slider.max = this.#slider.value = String(YEARS_BACK_DAYS);
    this.#day.max = this.#day.value = options.today;
    this.#slider.addEventListener("input", () => this.#turn(plusDays(this.#first, Number(this.#slider.value))));
    this.#day.addEventListener("change", () => this.#day.value && this.#turn(this.#day.value));
    this.element.append(
      h("p", { class: "hint" }, () => t("historyHint")),
      this.#slider,
      field(() => t("historyDay"), this.#day),
      this.#said,
      button(() => t("backToNow"), () => this.leave(), { class: "wide" }),
      section(() => t("historyMoments"), this.#moments),
    );
  }

  /** The redraws that took effect, as marks on the way. */
  list(drafts: readonly Draft[]): void {
    const effective = drafts.filter(({ state, effective_from }) => state === "effective" && effective_from);
    const rows = effective.map(({ name, effective_from }) => {
      const when = moment(effective_from ?? "", this.#options.timeZone);
      const look = () => this.#turn(when.slice(0, 10));
      return rowButton(look, h("span", { class: "row-main" }, h("b", {}, name), h("span", { class: "small" }, when)));
    });
    const none = h("li", { class: "small" }, () => t("historyNoMoments"));
    this.#moments.replaceChildren(...(rows.length ? rows : [none]));
  }

  /** Show today's grids again. */
  leave(): void {
    this.#asked?.abort();
    window.clearTimeout(this.#timer);
    this.#options.map.set("past", []);
    this.#options.map.show({ past: false });
    this.#day.value = this.#options.today;
    this.#slider.value = this.#slider.max;
    this.#said.replaceChildren();
  }

  #turn(day: string): void {
    this.#day.value = day;
    this.#slider.value = String(daysBetween(this.#first, day) - 1);
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#show(day), WAIT_MS);
  }

  async #show(day: string): Promise<void> {
    this.#asked?.abort();
    const { signal } = (this.#asked = new AbortController());
    try {
      const levels = await Promise.all(LAYERS.map((layer) => readPast(layer, endOf(day, this.#options.timeZone), signal)));
      const [villages, grids, micro] = levels.map(({ features }) => features.length) as [number, number, number];
      this.#options.map.show({ past: true });
      this.#options.map.set("past", levels.flatMap(({ features }, i) => features.flatMap(({ geometry }) => outlines(geometry, i + 2))));
      const words = () => (micro ? t("historyUnits", { villages, grids, micro }) : t("historyNone"));
      this.#said.replaceChildren(h("span", {}, words));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ServerError)) throw error;
      this.#said.textContent = error.message;
    }
  }
}

function outlines(shape: Polygon | MultiPolygon, level: number): Feature[] {
  const rings = shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat();
  return rings.map((ring) => lineFeature(ring as Place[], { level }));
}

/** The last second of a town's day, as a moment with its offset. */
function endOf(day: string, timeZone: string): string {
  const noon = new Date(`${day}T12:00:00Z`);
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(noon);
  const offset = parts.find(({ type }) => type === "timeZoneName")?.value.replace("GMT", "") || "Z";
  return `${day}T23:59:59${offset}`;
}
