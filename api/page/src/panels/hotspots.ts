// The heat map: a filter, a legend that says what is noise, and the significant cells as a ranking.

import type { HotspotAnswer, HotspotCell, HotspotQuestion, Town } from "../contract";
import { h } from "../dom";
import { count, daysBetween } from "../format";
import { t } from "../language";
import { findHotspots } from "../server";
import { Asker } from "./answer";
import { HotspotFilter } from "./hotspot-filter";
import { hotspotLegend } from "./hotspot-legend";
import { rankingTable } from "./hotspot-ranking";

interface Options {
  town: Town;
  onShow: (answer: HotspotAnswer) => void;
  onLookAt: (cell: HotspotCell) => void;
}

export class HotspotsPanel {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #answer = h("div", { class: "answer", "aria-live": "polite" });
  readonly #asker = new Asker(this.#answer);
  readonly #filter: HotspotFilter | null;

  constructor(options: Options) {
    this.#options = options;
    const filter = HotspotFilter.of(options.town, (question) => this.#ask(question));
    this.#filter = filter;
    this.element = h(
      "div",
      { class: "hotspots" },
      h("p", { class: "hint" }, () => t("hotspotsIntro")),
      ...(filter ? [filter.element] : [h("p", {}, () => t("noIncidents"))]),
      this.#answer,
    );
  }

  /** Ask for what the filter says. */
  start(): void {
    this.#filter?.announce();
  }

  #ask(question: HotspotQuestion): void {
    if (!this.#answer.childElementCount) {
      this.#answer.append(h("p", { class: "loading" }, () => t("loading")));
    }
    void this.#asker.ask(
      (signal) => findHotspots(question, signal),
      (answer) => this.#show(question, answer),
    );
  }

  #show(question: HotspotQuestion, answer: HotspotAnswer): void {
    this.#options.onShow(answer);
    const days = daysBetween(question.from, question.to);
    const incidents = answer.features.reduce((sum, cell) => sum + cell.properties.count, 0);
    const cells = answer.features.length;
    const sum = () => t("hotspotsSum", { days, incidents: count(incidents), cells: count(cells) });
    this.#answer.replaceChildren(
      h("p", { class: "sum" }, sum),
      hotspotLegend(answer),
      rankingTable(answer, this.#options.onLookAt),
    );
  }
}
