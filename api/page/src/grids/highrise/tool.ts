// The tool that shares out a polygon: pick it, fill in the table, one press makes the step.

import { h } from "../../dom";
import { recall, remember } from "../../memory";
import { ServerError } from "../../server";
import type { Place, Unit } from "../contract";
import { areaFeature, unitTitle } from "../map/features";
import { button } from "../panels/rows";
import type { Tool, Workbench } from "../tools/tool";
import type { Share, Standing } from "./contract";
import { rowsOf, type ShareRow } from "./rows";
import { readStanding } from "./server";
import { ShareTable } from "./table";
import { t } from "./texts";

const LOWEST = 4;

export class ShareTool implements Tool {
  readonly id = "share";
  readonly panel = h("section", { class: "block shares" });
  readonly #bench: Workbench;
  #unit: number | null = null;
  /** What the draft says of the unit, as it was read. */
  #stated = "";
  #table: ShareTable | null = null;

  constructor(bench: Workbench) {
    this.#bench = bench;
    bench.map.cursor("pointer");
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") bench.done();
      if (event.key === "Enter" && event.target instanceof HTMLInputElement && event.target.closest(".share")) this.#finish();
    });
    const { selection, draft } = bench;
    const chosen = selection.kind === "unit" ? draft.coverage.units.get(selection.id) : undefined;
    if (chosen?.level === LOWEST) void this.#open(chosen);
    else this.#say(() => t("hintPick"));
  }

  hint(): string {
    return t(this.#table ? "hintFill" : "hintPick");
  }

  click(place: Place): void {
    const unit = this.#bench.draft.coverage.unitAt(place, LOWEST);
    if (unit && unit.id !== this.#unit) void this.#open(unit);
  }

  /** Nothing to end as long as no table is filled in. */
  get finish(): (() => void) | undefined {
    return this.#table ? () => this.#finish() : undefined;
  }

  #finish(): void {
    if (this.#table && this.#unit !== null && this.#bench.draft.isSettled && this.#table.isSound()) {
      void this.#send(this.#unit, this.#table.shares);
    }
  }

  /** Undone, done again, or edited elsewhere: what is typed stays, what isn't follows. */
  changed(): void {
    const unit = this.#unit === null ? undefined : this.#bench.draft.coverage.units.get(this.#unit);
    if (unit && JSON.stringify(unit.shares ?? []) !== this.#stated) void this.#open(unit);
    else if (this.#unit !== null && !unit) this.#bench.done();
  }

  end(): void {
    this.#unit = null;
    this.#bench.map.set("picked", []);
    this.#bench.map.cursor("");
  }

  async #open(unit: Unit): Promise<void> {
    const { draft, map } = this.#bench;
    this.#unit = unit.id;
    this.#table = null;
    this.#stated = JSON.stringify(unit.shares ?? []);
    map.set("picked", [areaFeature(unit.id, draft.coverage.polygonsOf(unit.id), "first")]);
    this.#say(() => t("reading"));
    try {
      const standing = await readStanding(draft.draft.id, unit.id);
      if (this.#unit === unit.id) this.#show(unit, standing);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#say(() => error.message);
    }
  }

  #show(unit: Unit, standing: Standing): void {
    if (!standing.buildings.length) return this.#say(() => t("noBuildings"));
    const typed = this.#typed(unit.id, standing);
    this.#table = this.#makeTable(unit, standing, typed ?? rowsOf(unit.shares ?? []));
    const title = unitTitle(this.#bench.draft.coverage, unit.id);
    this.panel.replaceChildren(
      h("h2", {}, () => t("title")),
      h("h3", {}, title),
      h("p", { class: "small" }, () => t("what", { unit: title })),
      ...(typed ? [this.#asItWas(unit)] : []),
      this.#table.element,
      ...(unit.shares?.length ? [button(() => t("noShare"), () => void this.#send(unit.id, []), { class: "quiet" })] : []),
    );
    this.#table.focusFirst();
    this.#bench.tell();
  }

  #makeTable(unit: Unit, standing: Standing, rows: ShareRow[]): ShareTable {
    return new ShareTable({
      title: unitTitle(this.#bench.draft.coverage, unit.id),
      standing,
      rows,
      burdens: this.#bench.burdens,
      isTaken: (code) => this.#isTaken(code, unit.id),
      onTyped: (all) => remember(this.#key(unit.id), JSON.stringify(all)),
      onDone: () => this.#finish(),
    });
  }

  /** What was typed and not sent, as long as its buildings are there. */
  #typed(unit: number, { buildings }: Standing): ShareRow[] | null {
    const kept = recall(this.#key(unit));
    const rows = kept ? (JSON.parse(kept) as ShareRow[]) : [];
    const there = new Set(buildings.map(({ id }) => id));
    const stands = rows.every(({ parts }) => parts.every(({ building }) => there.has(building)));
    return rows.length && stands ? rows : null;
  }

  #asItWas(unit: Unit): HTMLElement {
    const drop = () => {
      remember(this.#key(unit.id), "");
      void this.#open(unit);
    };
    return h("p", { class: "notice" }, h("span", {}, () => t("typedBefore")), button(() => t("asItWas"), drop));
  }

  #isTaken(code: string, unit: number): boolean {
    return [...this.#bench.draft.coverage.units.values()].some(
      (each) => each.code === code || (each.id !== unit && (each.shares ?? []).some((share: Share) => share.code === code)),
    );
  }

  async #send(unit: number, shares: Share[]): Promise<void> {
    const edit = await this.#bench.operate("share", { unit, shares });
    if (!edit) return;
    remember(this.#key(unit), "");
    this.#bench.done();
    this.#bench.choose({ kind: "unit", id: unit });
  }

  #key(unit: number): string {
    return `shares.${this.#bench.draft.draft.id}.${unit}`;
  }

  #say(words: () => string): void {
    this.panel.replaceChildren(h("h2", {}, () => t("title")), h("p", { class: "hint", role: "status" }, words));
  }
}
