// The coverage of today, where no draft is open: drawn, and told unit by unit.

import type { Layer } from "../../contract";
import { h } from "../../dom";
import { ServerError } from "../../server";
import type { Level, Place, Unit } from "../contract";
import { Highrises } from "../highrise/highrises";
import { unitTitle } from "../map/features";
import type { Painter } from "../map/painter";
import type { GridMap } from "../map/view";
import type { BurdenMap } from "../model/burden";
import { Coverage } from "../model/coverage";
import { button, section } from "../panels/rows";
import { WorkloadPanel } from "../panels/workload";
import { readCoverage } from "./server";
import { t } from "./texts";
import { kindsOf, unitFacts } from "./unit-card";

interface Options {
  map: GridMap;
  painter: Painter;
  layers: readonly Layer[];
  /** What to do about a unit besides looking; null for those who only look. */
  onDraft: (() => void) | null;
  onChoose: () => void;
}

export class Today {
  readonly element = h("div", { class: "today" });
  readonly #options: Options;
  readonly #workload: WorkloadPanel;
  readonly #summary = h("p", { class: "small" });
  readonly #hints: HTMLElement;
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  readonly #chosen = h("div", { class: "today-unit" });
  coverage: Coverage | null = null;
  chosen: number | null = null;
  #burdens: { map: BurdenMap; days: number } | null = null;
  #level: Level = 4;

  constructor(options: Options) {
    this.#options = options;
    this.#workload = new WorkloadPanel(options.layers);
    const title = () => t("title");
    const words = options.onDraft ? [] : [h("p", { class: "small" }, () => t("readOnly"))];
    this.#hints = h("div", {}, h("p", { class: "small" }, () => t("clickHint")), ...words);
    this.element.append(section(title, this.#summary, this.#fault, this.#hints), this.#chosen, this.#workload.element);
    this.#tell();
  }

  get isShown(): boolean {
    return !this.element.hidden;
  }

  /** Read the coverage, and draw it as long as no draft is open. */
  async read(): Promise<void> {
    const document = await readCoverage().catch((error: unknown) => this.#say(error));
    if (!document) return;
    this.#fault.hidden = true;
    this.coverage = new Coverage(document.arcs, document.units);
    if (this.chosen !== null && !this.coverage.units.has(this.chosen)) this.chosen = null;
    this.#tell();
    if (this.isShown) this.draw();
  }

  /** A draft takes its place. */
  leave(): void {
    this.element.hidden = true;
    if (this.coverage) this.#options.painter.chooseUnit(this.coverage, null);
    this.chosen = null;
  }

  weigh(map: BurdenMap, days: number): void {
    this.#burdens = { map, days };
    if (!this.coverage || !this.isShown) return;
    this.#options.painter.units(this.coverage);
    this.choose(this.chosen);
  }

  turnTo(level: Level): void {
    this.#level = level;
    this.choose(null);
    this.draw();
  }

  draw(): void {
    const { coverage } = this;
    if (!coverage) return;
    this.#options.painter.all(coverage);
    this.choose(this.chosen);
  }

  click(place: Place): void {
    const unit = this.coverage?.unitAt(place, this.#level);
    this.choose(unit?.id ?? null);
    if (unit) this.#options.onChoose();
  }

  choose(unit: number | null): void {
    this.chosen = unit;
    const { coverage } = this;
    if (coverage) this.#options.painter.chooseUnit(coverage, unit);
    this.#tell();
  }

  #tell(): void {
    const { coverage } = this;
    this.#summary.replaceChildren(h("span", {}, () => this.#counts()));
    this.#hints.hidden = this.chosen !== null;
    const unit = this.chosen === null ? undefined : coverage?.units.get(this.chosen);
    this.#chosen.replaceChildren(...(coverage && unit ? [this.#card(coverage, unit)] : []));
    if (!coverage || !unit) return this.#workload.show({ kind: "none" }, null);
    const { map = null, days = 0 } = this.#burdens ?? {};
    const draft = { coverage, base: coverage };
    this.#workload.use({ draft, burdens: map, incidentDays: days, highrises: new Highrises(() => undefined), isLive: false });
    this.#workload.show({ kind: "unit", id: unit.id }, null);
  }

  #counts(): string {
    const { coverage } = this;
    const [villages, grids, micro] = ([2, 3, 4] as const).map((level) => coverage?.unitsOf(level).length ?? 0);
    return coverage ? t("counts", { villages: villages ?? 0, grids: grids ?? 0, micro: micro ?? 0 }) : "…";
  }

  #card(coverage: Coverage, unit: Unit): HTMLElement {
    const { map, onDraft, layers } = this.#options;
    const begin = onDraft ? [button(() => t("draftHere"), onDraft, { class: "primary" })] : [];
    return section(
      () => unitTitle(coverage, unit.id),
      unitFacts(coverage, unit, kindsOf(layers)),
      h(
        "div",
        { class: "buttons" },
        ...begin,
        button(() => t("zoomTo"), () => map.fit(coverage.boxOf(unit.id))),
        button(() => t("close"), () => this.choose(null)),
      ),
    );
  }

  #say(error: unknown): null {
    if (!(error instanceof ServerError)) throw error;
    this.#fault.textContent = error.message;
    this.#fault.hidden = false;
    return null;
  }
}
