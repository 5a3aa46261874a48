// The coverage as it will be: approved drafts whose moments are to come, each on those before it.

import { h } from "../../dom";
import { moment } from "../../format";
import { pick } from "../../language";
import { t as page } from "../texts";
import type { Level, Place, Unit } from "../contract";
import { lineFeature, nameIn } from "../map/features";
import type { Painter } from "../map/painter";
import type { GridMap } from "../map/view";
import { Coverage } from "../model/coverage";
import { chip, rowButton, section } from "../panels/rows";
import { t } from "./ahead-texts";
import { readPlanned, readPlannedCoverage, type Planned, type PlannedCoverage } from "./server";

const MOST = 12;

interface Options {
  map: GridMap;
  painter: Painter;
  timeZone: string;
  /** What is drawn where nobody looks ahead. */
  current: () => Coverage | null;
}

export class Ahead {
  readonly element = h("div", { class: "ahead", hidden: true });
  readonly #options: Options;
  readonly #rows = h("ul", { class: "rows" });
  #list: Planned[] = [];
  #shown: { planned: Planned; coverage: Coverage; changed: PlannedCoverage["changed"] } | null = null;
  /** Somebody picks one. */
  onPick: (planned: Planned) => void = () => undefined;

  constructor(options: Options) {
    this.#options = options;
    this.element.append(section(() => t("title"), h("p", { class: "small" }, () => t("hint")), this.#rows));
  }

  get list(): readonly Planned[] {
    return this.#list;
  }

  get isShown(): boolean {
    return this.#shown !== null;
  }

  async read(): Promise<void> {
    this.#list = await readPlanned().catch(() => []);
    this.element.hidden = !this.#list.length;
    this.#rows.replaceChildren(...this.#list.map((each) => this.#row(each)));
  }

  /** The town's day from which one holds. */
  dayOf({ effective_from }: Planned): string {
    return moment(effective_from, this.#options.timeZone).slice(0, 10);
  }

  /** The last one that holds on a day; none before the first. */
  on(day: string): Planned | undefined {
    return this.#list.findLast((each) => each.comes_about && this.dayOf(each) <= day);
  }

  /** Draw the coverage as it will be from a planned draft's moment on; what it changes, in words. */
  async show(planned: Planned, signal: AbortSignal): Promise<HTMLElement> {
    const document = await readPlannedCoverage(planned.id, signal);
    const coverage = new Coverage(document.arcs, document.units);
    this.#shown = { planned, coverage, changed: document.changed };
    this.draw();
    for (const row of this.#rows.querySelectorAll<HTMLElement>("[data-planned]")) {
      row.toggleAttribute("data-chosen", row.dataset.planned === String(planned.id));
    }
    return this.#describe(document, coverage);
  }

  /** Draw it once more, where something else has been drawn meanwhile. */
  draw(): void {
    if (!this.#shown) return;
    const { coverage, changed } = this.#shown;
    const { map, painter } = this.#options;
    painter.all(coverage);
    const lines = changed.arcs.flatMap((id) => coverage.arcs.get(id) ?? []);
    map.set("picked", []);
    map.set("past", lines.map(({ coords, level }) => lineFeature(coords, { level, when: "planned" })));
  }

  /** Show again what was there. */
  leave(): void {
    if (!this.#shown) return;
    this.#shown = null;
    const { map, painter, current } = this.#options;
    map.set("past", []);
    for (const row of this.#rows.querySelectorAll("[data-chosen]")) row.removeAttribute("data-chosen");
    const coverage = current();
    if (coverage) painter.all(coverage);
  }

  unitAt(place: Place, level: Level): Unit | undefined {
    return this.#shown?.coverage.unitAt(place, level);
  }

  #row(planned: Planned): HTMLElement {
    const when = moment(planned.effective_from, this.#options.timeZone);
    const units = () => (planned.comes_about ? [t("unitsChanged", { n: planned.units })] : []);
    const facts = () => [page("effectiveFrom", { when }), ...units()].join(" · ");
    const row = rowButton(
      () => this.onPick(planned),
      h(
        "span",
        { class: "row-main" },
        h("b", {}, planned.name),
        h("span", { class: "small" }, facts),
        ...(planned.comes_about ? [] : [h("span", { class: "small fault" }, () => t("hindered", { why: why(planned) }))]),
      ),
      planned.comes_about ? chip(() => t("planned"), "state-planned") : chip(() => t("disputed"), "state-disputed"),
    );
    row.querySelector("button")?.setAttribute("data-planned", String(planned.id));
    return row;
  }

  #describe({ after, changed, planned }: PlannedCoverage, coverage: Coverage): HTMLElement {
    const there = changed.units.flatMap((id) => coverage.units.get(id) ?? []);
    const units = [...changed.gone, ...there.toReversed()].filter(({ level }) => level > 1);
    const rows = units.slice(0, MOST).map((unit) => {
      const isGone = !coverage.units.has(unit.id);
      const title = () => [page(`levelOne_${unit.level}`), nameIn(unit), isGone ? page("unitGone") : ""].join(" ");
      const words = h("span", { class: "row-main" }, h("b", {}, title), h("span", { class: "small" }, unit.code));
      return rowButton(() => !isGone && this.#options.map.fit(coverage.boxOf(unit.id)), words);
    });
    const when = moment(planned.effective_from, this.#options.timeZone);
    const before = after.filter(({ comes_about }) => comes_about);
    return h(
      "div",
      {},
      h("p", {}, () => t("shown", { name: planned.name, when })),
      ...(before.length ? [h("p", { class: "small" }, () => t("standsOn", { names: before.map(({ name }) => name).join(page("listComma")) }))] : []),
      h("ul", { class: "rows" }, ...rows),
      ...(units.length > MOST ? [h("p", { class: "small" }, () => page("more", { n: units.length - MOST }))] : []),
    );
  }
}

/** The server says it in English, then Chinese. */
function why({ hindrance }: Planned): string {
  const [en = "", zh = en] = (hindrance ?? "").split(" / ");
  return pick(zh, en);
}
