// What the units beside an edge, or a chosen unit, have to look after: before and now.

import type { Layer } from "../../contract";
import { h } from "../../dom";
import { count } from "../../format";
import { nameOf } from "../../language";
import type { Level } from "../contract";
import type { OpenDraft } from "../draft";
import type { Highrises } from "../highrise/highrises";
import { shareCards } from "../highrise/loads";
import { shortName } from "../map/features";
import type { BurdenMap, InBand, Load } from "../model/burden";
import type { Trial } from "../model/coverage";
import { facesBeside } from "../model/trial";
import { t } from "../texts";
import type { Selection } from "../tools/tool";
import { bandBar } from "./band";
import { section } from "./rows";

const SHOWN = ["rooms", "premises", "incidents", "patrol_m"] as const;
const PREMISES = "premises.";
const LEVELS: readonly Level[] = [3, 4];
const MOST = 8;

interface Options {
  draft: Pick<OpenDraft, "coverage" | "base">;
  burdens: BurdenMap | null;
  incidentDays: number;
  highrises: Highrises;
  /** False where nothing is drawn that could change it. */
  isLive?: false;
}

export class WorkloadPanel {
  readonly element = h("div", { class: "workload" });
  readonly #before = new Map<number, Load>();
  readonly #cards = h("div", { class: "cards" });
  readonly #shares = h("div");
  /** What kinds of premises are called. */
  readonly #kinds: Layer["fields"][number]["codes"];
  #options: Options | null = null;

  constructor(layers: readonly Layer[]) {
    const premises = layers.find(({ id }) => id === "premises");
    this.#kinds = premises?.fields.find(({ name }) => name === "kind")?.codes ?? {};
  }

  use(options: Options): void {
    this.#options = options;
    this.#before.clear();
  }

  /** Show the units that a selection concerns, with arcs as they would run. */
  show(selection: Selection, trial: Trial | null): void {
    const units = this.#units(selection, trial);
    if (!this.#options || !units.length) {
      this.element.replaceChildren();
      return;
    }
    if (!this.#options.burdens) {
      this.element.replaceChildren(h("p", { class: "small" }, () => t("workloadMissing")));
      return;
    }
    this.#cards.replaceChildren(...units.slice(0, MOST).map((unit) => this.#card(unit, trial)));
    this.#shares.replaceChildren(...this.#sharing(selection));
    if (!this.#cards.isConnected) {
      const hint = this.#options.isLive === false ? [] : [h("p", { class: "small" }, () => t("workloadHint"))];
      this.element.replaceChildren(section(() => t("workload"), ...hint, this.#cards), this.#shares);
    }
  }

  /** The micro-grids that share the chosen unit. */
  #sharing(selection: Selection): HTMLElement[] {
    const { draft, burdens, highrises } = this.#options as Options;
    const unit = selection.kind === "unit" ? draft.coverage.units.get(selection.id) : undefined;
    return unit && burdens ? shareCards(unit, highrises, burdens, draft.coverage) : [];
  }

  /** Grids first where the edge divides them, then micro-grids. */
  #units(selection: Selection, trial: Trial | null): number[] {
    if (selection.kind === "none" || !this.#options) return [];
    if (selection.kind === "unit") return [selection.id];
    const { coverage } = this.#options.draft;
    const arcs = trial ? [...trial.keys()] : [selection.id];
    const faces = facesBeside(coverage, arcs);
    const highest = Math.min(...arcs.map((id) => coverage.arcs.get(id)?.level ?? 4));
    const units = LEVELS.filter((level) => level >= highest).flatMap((level) =>
      faces.map((face) => coverage.above(face, level)),
    );
    return [...new Set(units)].filter((unit) => unit > 0);
  }

  #card(id: number, trial: Trial | null): HTMLElement {
    const { draft, burdens, incidentDays } = this.#options as Options & { burdens: BurdenMap };
    const unit = draft.coverage.units.get(id);
    if (!unit) return h("div");
    const now = burdens.loadOf(draft.coverage.polygonsOf(id, trial ?? undefined));
    const before = this.#loadBefore(id, burdens);
    const known = now.amounts.households; // not everybody is told
    const households = known ?? 0;
    const band = known === undefined ? undefined : burdens.bandOf(unit.level);
    const inBand = burdens.inBand(unit.level, households);
    const parent = draft.coverage.units.get(unit.parent);
    const where = unit.level === 4 && parent ? `${shortName(draft.coverage, parent)} ` : "";
    return h(
      "article",
      { class: `load ${band ? inBand : ""}`, "data-unit": id },
      h(
        "header",
        {},
        h("strong", {}, () => `${where}${shortName(draft.coverage, unit)}`),
        h("span", { class: "small" }, unit.code),
      ),
      ...(known === undefined ? [] : [householdsLine(before?.amounts.households, known, band && inBand)]),
      ...(band ? [bandBar(band, households, before?.amounts.households)] : []),
      h("dl", {}, ...this.#facts(before, now, incidentDays), ...this.#premises(before, now)),
    );
  }

  #facts(before: Load | null, now: Load, days: number): HTMLElement[] {
    const counted = SHOWN.filter((kind) => kind in now.amounts).map((kind) => {
      const write = kind === "patrol_m" ? (m: number) => (m / 1000).toFixed(2) : count;
      return fact(() => t(kind, { days }), change(kind, before?.amounts[kind], now.amounts[kind] ?? 0, write));
    });
    const hectares = (m2: number) => (m2 / 10_000).toFixed(2);
    const two = (value: number) => value.toFixed(2);
    return [
      ...counted,
      fact(() => t("compactness"), change("compactness", before?.compactness, now.compactness, two)),
      fact(() => t("area"), change("area", before?.area_m2, now.area_m2, hectares)),
    ];
  }

  /** Premises by kind, in one line. */
  #premises(before: Load | null, now: Load): HTMLElement[] {
    const kinds = Object.keys(now.amounts).filter((kind) => kind.startsWith(PREMISES));
    const each = kinds.map((kind) => {
      const [name, name_en] = this.#kinds[kind.slice(PREMISES.length)] ?? [kind.slice(PREMISES.length), null];
      const value = change(kind, before?.amounts[kind], now.amounts[kind] ?? 0, count);
      return h("span", {}, () => `${nameOf({ name, name_en })} `, value);
    });
    return kinds.length ? [h("div", { class: "kinds" }, h("dt", {}, () => t("premisesKinds")), h("dd", {}, ...each))] : [];
  }

  #loadBefore(unit: number, burdens: BurdenMap): Load | null {
    const known = this.#before.get(unit);
    const { base } = (this.#options as Options).draft;
    if (known || !base.units.has(unit)) return known ?? null;
    const load = burdens.loadOf(base.polygonsOf(unit));
    this.#before.set(unit, load);
    return load;
  }
}

function fact(words: () => string, value: HTMLElement): HTMLElement {
  return h("div", {}, h("dt", {}, words), h("dd", {}, value));
}

/** "402 → 431", or the number alone where it hasn't changed. */
function change(kind: string, before: number | undefined, now: number, write: (value: number) => string): HTMLElement {
  const [old, current] = [before === undefined ? "—" : write(before), write(now)];
  const same = old === current;
  return h(
    "span",
    { class: "change number", "data-kind": kind, "data-now": now, ...(before !== undefined && { "data-before": before }) },
    ...(same ? [] : [h("s", { title: t("before") }, old), " → "]),
    h("b", { class: same ? "" : "changed" }, current),
  );
}

function householdsLine(before: number | undefined, now: number, inBand: InBand | undefined): HTMLElement {
  return h(
    "p",
    { class: "load-main" },
    h("span", { class: "small" }, () => t("households")),
    change("households", before, now, count),
    ...(inBand ? [h("span", { class: "band-word" }, () => bandWords(inBand))] : []),
  );
}

function bandWords(inBand: InBand): string {
  return t(`band_${inBand}`);
}
