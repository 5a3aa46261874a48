// The table by which a polygon is shared out: micro-grids, what each has and carries, what is wrong.

import { h } from "../../dom";
import type { BurdenMap } from "../model/burden";
import { button, field, section } from "../panels/rows";
import { t as page } from "../texts";
import { ShareCard } from "./card";
import type { Building, Share, Standing } from "./contract";
import { faultsOf, gapWords, labelOf, overlapFaults, type RowFault } from "./faults";
import { evenFloors, sharesOf, type ShareRow } from "./rows";
import { stackPicture } from "./stack";
import { clashesOf, stacksOf, type Stack } from "./storeys";
import { t } from "./texts";
import { householdsNumber } from "./words";

const MICRO_GRID = 4;
/** What people call the storeys of a tower in two or three parts; data, so in the town's language. */
const STOREYS: Record<number, readonly string[]> = { 2: ["低区", "高区"], 3: ["低区", "中区", "高区"] };

interface Options {
  /** What the unit is called. */
  title: string;
  standing: Standing;
  rows: ShareRow[];
  burdens: BurdenMap | null;
  isTaken: (code: string) => boolean;
  onTyped: (rows: readonly ShareRow[]) => void;
  onDone: () => void;
}

export class ShareTable {
  readonly element = h("div", { class: "share-table" });
  readonly rows: ShareRow[];
  readonly #options: Options;
  readonly #cards = h("div", { class: "share-cards" });
  readonly #gaps = h("ul", { class: "share-faults", role: "alert", hidden: true });
  readonly #stacks = h("div", { class: "stacks" });
  readonly #rest = h("p", { class: "small" });
  #made: ShareCard[] = [];

  constructor(options: Options) {
    this.#options = options;
    this.rows = options.rows;
    this.#build();
  }

  get shares(): Share[] {
    return sharesOf(this.rows);
  }

  /** Whether it can be sent; else the keyboard goes where it can't. */
  isSound(): boolean {
    const { byRow, gaps } = this.#judge();
    const wrong = byRow.findIndex((faults) => faults.length > 0);
    if (wrong >= 0) this.#made[wrong]?.focusFault();
    else if (gaps.length) this.#made[0]?.focusFault();
    return wrong < 0 && !gaps.length;
  }

  focusFirst(): void {
    this.element.querySelector<HTMLElement>("input, select")?.focus();
  }

  #build(): void {
    this.#made = this.rows.map((row, position) => this.#card(row, position));
    this.#cards.replaceChildren(...this.#made.map(({ element }) => element));
    const add = button(() => t("addShare"), () => this.#add());
    const done = button(() => t("done"), this.#options.onDone, { class: "primary" });
    this.element.replaceChildren(
      this.#divider(),
      ...(this.rows.length ? [this.#cards, this.#gaps, h("div", { class: "buttons" }, add, done), this.#stacks, this.#rest] : []),
    );
    this.#refresh();
  }

  #card(row: ShareRow, position: number): ShareCard {
    return new ShareCard({
      row,
      position,
      buildings: this.#options.standing.buildings,
      onInput: () => this.#typed(),
      onLines: () => this.#relined(),
      onRemove: () => {
        this.rows.splice(position, 1);
        this.#relined();
      },
    });
  }

  #typed(): void {
    this.#options.onTyped(this.rows);
    this.#refresh();
  }

  #relined(): void {
    this.#build();
    this.#options.onTyped(this.rows);
  }

  /** In the building that was written last. */
  #add(): void {
    const building = this.rows.at(-1)?.parts.at(-1)?.building ?? this.#options.standing.buildings[0]?.id ?? 0;
    this.rows.push({ code: this.#freeCodes()[0] ?? "", name: "", parts: [{ building, entrances: "", lowest: "", highest: "" }] });
    this.#relined();
    this.#made.at(-1)?.element.querySelector("input")?.focus();
  }

  #freeCodes(): string[] {
    const typed = new Set(this.rows.map(({ code }) => code.trim()));
    return this.#options.standing.codes.filter((code) => !typed.has(code));
  }

  #judge(): { stacks: Stack[]; byRow: RowFault[][]; gaps: string[] } {
    const stacks = stacksOf(this.shares, this.#options.standing.buildings);
    const clashes = clashesOf(stacks);
    const faults = [...faultsOf(this.rows, this.#options.isTaken), ...overlapFaults(this.rows, clashes)];
    const byRow = this.rows.map((_, i) => faults.filter(({ row }) => row === i));
    return { stacks, byRow, gaps: gapWords(clashes) };
  }

  /** Say anew what follows from what is typed. */
  #refresh(): void {
    const { stacks, byRow, gaps } = this.#judge();
    for (const [i, card] of this.#made.entries()) {
      const households = stacks.reduce((sum, stack) => sum + (stack.households.get(i) ?? 0), 0);
      const inBand = this.#options.burdens?.inBand(MICRO_GRID, households) ?? "in";
      const words = `${t("households", { n: householdsNumber(households) })} · ${page(`band_${inBand}`)}`;
      card.tell(words, inBand, byRow[i] ?? []);
    }
    this.#gaps.replaceChildren(...gaps.map((words) => h("li", {}, words)));
    this.#gaps.hidden = !gaps.length;
    this.#stacks.replaceChildren(...stacks.map((stack) => stackPicture(stack, this.rows)));
    this.#tellRest(stacks);
  }

  #tellRest(stacks: readonly Stack[]): void {
    const divided = new Set(stacks.map(({ building }) => building.id));
    const rest = this.#options.standing.buildings.filter(({ id }) => !divided.has(id));
    const households = rest.reduce((sum, each) => sum + (each.households ?? 0), 0);
    this.#rest.textContent = rest.length ? t("restBuildings", { n: rest.length, households, unit: this.#options.title }) : "";
  }

  /** One building divided by floors, as a beginning. */
  #divider(): HTMLElement {
    const { buildings } = this.#options.standing;
    const select = h("select", { id: "share-building" }, ...buildings.map((each) => h("option", { value: each.id }, () => this.#factsOf(each))));
    const among = h("input", { type: "number", id: "share-among", min: 2, max: 30 });
    const chosen = () => buildings.find(({ id }) => id === Number(select.value));
    const propose = () => (among.value = String(this.#amongFor(chosen())));
    select.addEventListener("change", propose);
    propose();
    const divide = () => {
      const building = chosen();
      if (building) this.#divide(building, Math.max(2, Math.min(30, Math.round(Number(among.value)) || 2)));
    };
    const form = h("div", { class: "divider" }, field(() => t("building"), select), field(() => t("among"), among), button(() => t("divide"), divide, this.rows.length ? {} : { class: "primary" }));
    if (!this.rows.length) return section(() => t("start"), form);
    return h("details", { class: "divide-anew" }, h("summary", {}, () => t("startHere")), form);
  }

  #factsOf(building: Building): string {
    const { floors, households } = building;
    return t("buildingFacts", { label: labelOf(building), floors: floors ?? "?", households: households ?? "?" });
  }

  /** So many that each is in the band of households. */
  #amongFor(building: Building | undefined): number {
    const [, most] = this.#options.burdens?.bandOf(MICRO_GRID) ?? [0, Infinity];
    return Math.max(2, Math.ceil((building?.households ?? 0) / most));
  }

  /** The building's floors, or its entrances where it has too few, among so many micro-grids. */
  #divide(building: Building, among: number): void {
    const others = this.rows.filter(({ parts }) => parts.some((part) => part.building !== building.id));
    this.rows.splice(0, Infinity, ...others);
    const codes = this.#freeCodes();
    const label = labelOf(building);
    const ranges = (building.floors ?? 0) >= among ? evenFloors(building.floors ?? 0, among) : null;
    for (let i = 0; i < among; i++) {
      const [lowest, highest] = ranges?.[i] ?? ["", ""];
      const entrances = ranges ? "" : `${i + 1}单元`;
      const where = ranges ? (STOREYS[among]?.[i] ?? `${i + 1}区`) : entrances;
      const part = { building: building.id, entrances, lowest: String(lowest), highest: String(highest) };
      this.rows.push({ code: codes[i] ?? "", name: `${label}${where}`, parts: [part] });
    }
    this.#relined();
    this.#made[0]?.element.querySelector("input")?.focus();
  }
}
