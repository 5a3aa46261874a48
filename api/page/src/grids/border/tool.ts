// The tool that draws a border anew: between two units of the level in hand, or a piece of the outline.

import { h } from "../../dom";
import type { Arc, Place } from "../contract";
import { unitTitle } from "../map/features";
import { length_m, type Pixel } from "../model/plane";
import { button } from "../panels/rows";
import { t as page } from "../texts";
import { streetUnder } from "../tools/follow";
import { showPicks } from "../tools/pick";
import { arcNear } from "../tools/select";
import { Sketch } from "../tools/sketch";
import type { Tool, Workbench } from "../tools/tool";
import { OutlineForm } from "./outline";
import { pairBeside, type Pair } from "./pair";
import { t } from "./texts";

type Picked = { kind: "nothing" } | { kind: "inner"; pair: Pair; byStreet: boolean } | { kind: "outline"; form: OutlineForm };

export class BorderTool implements Tool {
  readonly id = "border";
  readonly panel = h("section", { class: "block border" });
  readonly #bench: Workbench;
  readonly #sketch: Sketch;
  #picked: Picked = { kind: "nothing" };

  constructor(bench: Workbench) {
    this.#bench = bench;
    this.#sketch = new Sketch(bench.map);
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") bench.done();
    });
    const { selection, draft } = bench;
    const chosen = selection.kind === "arc" ? draft.coverage.arcs.get(selection.id) : undefined;
    this.#pick(chosen);
  }

  hint(): string {
    const picked = this.#picked;
    if (picked.kind === "nothing") return t("hintPick", { level: page(`levelOne_${this.#bench.level}`) });
    if (picked.kind === "outline") return t(this.#bench.mayMoveOutline ? "hintOutline" : "hintOutlineNo");
    return picked.byStreet ? t("hintStreet") : t("hintDraw", this.#names(picked.pair));
  }

  click(_place: Place, pixel: Pixel): void {
    const picked = this.#picked;
    if (picked.kind === "inner" && picked.byStreet) void this.#follow(picked.pair, pixel);
    else if (picked.kind === "nothing" || !this.#mayDraw()) this.#pickAt(pixel);
    else this.#sketch.add(this.#aim(pixel));
    this.#turned();
  }

  hover(_place: Place, pixel: Pixel): void {
    const { map } = this.#bench;
    const picked = this.#picked;
    if (picked.kind === "inner" && picked.byStreet) streetUnder(map, pixel);
    else if (picked.kind === "nothing") map.hover(arcNear(this.#bench, pixel));
    else this.#sketch.draw(this.#aim(pixel));
  }

  /** The last place, then the border. */
  back(): void {
    if (this.#sketch.places.length) this.#sketch.takeBack();
    else this.#pick(undefined);
    this.#turned();
  }

  /** Nothing to end as long as no border is picked. */
  get finish(): (() => void) | undefined {
    return this.#picked.kind === "nothing" || !this.#mayDraw() ? undefined : () => this.#finish();
  }

  #finish(): void {
    const picked = this.#picked;
    if (picked.kind === "outline") void this.#finishOutline(picked.form);
    else if (picked.kind === "inner" && this.#sketch.places.length > 1) void this.#redraw(picked.pair, { line: [...this.#sketch.places] });
  }

  /** What was picked may be gone. */
  changed(): void {
    this.#sketch.clear();
    this.#pick(undefined);
  }

  end(): void {
    const { map } = this.#bench;
    this.#sketch.clear();
    map.set("picked", []);
    map.hover(null);
    map.cursor("");
  }

  #mayDraw(): boolean {
    return this.#picked.kind === "inner" || this.#bench.mayMoveOutline;
  }

  #aim(pixel: Pixel): Place {
    const picked = this.#picked;
    return (picked.kind === "outline" && picked.form.onto(pixel)) || this.#bench.aim(pixel).place;
  }

  #pickAt(pixel: Pixel): void {
    const id = arcNear(this.#bench, pixel);
    const arc = id === null ? undefined : this.#bench.draft.coverage.arcs.get(id);
    if (!arc) return;
    this.#pick(arc);
    // On the outline the line begins where it was taken hold of.
    if (this.#picked.kind === "outline" && this.#mayDraw()) this.#sketch.add(this.#aim(pixel));
  }

  #pick(arc: Arc | undefined): void {
    const { map, draft, level } = this.#bench;
    const pair = arc && pairBeside(draft.coverage, arc, level);
    map.hover(null);
    map.cursor(arc ? "crosshair" : "pointer");
    if (pair) this.#picked = { kind: "inner", pair, byStreet: false };
    else if (arc?.level === 1) this.#picked = { kind: "outline", form: new OutlineForm(this.#bench, arc, () => this.#finish()) };
    else this.#picked = { kind: "nothing" };
    const outline = () => [...draft.coverage.arcs.values()].filter((each) => each.level === 1);
    const arcs = pair ? pair.arcs : this.#picked.kind === "outline" ? outline() : [];
    showPicks(this.#bench, pair ? [pair.one, pair.other] : [], arcs);
    this.panel.replaceChildren(...this.#describe());
  }

  #describe(): HTMLElement[] {
    const picked = this.#picked;
    if (picked.kind === "nothing") {
      const words = () => t("hintPick", { level: page(`levelOne_${this.#bench.level}`) });
      return [h("h2", {}, () => t("title")), h("p", { class: "hint" }, words)];
    }
    const another = button(() => t("another"), () => this.#leave());
    if (picked.kind === "outline") return [picked.form.element, h("div", { class: "buttons" }, another)];
    const { pair, byStreet } = picked;
    const length = Math.round(pair.arcs.reduce((sum, { coords }) => sum + length_m(coords), 0));
    return [
      h("h2", {}, () => t("title")),
      h("h3", {}, () => t("between", this.#names(pair))),
      h("p", { class: "small" }, () => t("facts", { length, n: pair.arcs.length })),
      h("p", { class: "small" }, () => t(this.#bench.level === 4 ? "whatLower" : "whatUpper")),
      h("div", { class: "buttons" }, button(() => t(byStreet ? "drawn" : "street"), () => this.#turn(pair, !byStreet)), another),
    ];
  }

  #turn(pair: Pair, byStreet: boolean): void {
    this.#sketch.clear();
    this.#picked = { kind: "inner", pair, byStreet };
    this.panel.replaceChildren(...this.#describe());
    this.#turned();
  }

  #leave(): void {
    this.#sketch.clear();
    this.#pick(undefined);
    this.#turned();
  }

  #turned(): void {
    if (this.#picked.kind === "outline") this.#picked.form.weigh(this.#sketch.places);
    this.#bench.tell();
  }

  #names({ one, other }: Pair): { one: string; other: string } {
    const { coverage } = this.#bench.draft;
    return { one: unitTitle(coverage, one), other: unitTitle(coverage, other) };
  }

  async #follow(pair: Pair, pixel: Pixel): Promise<void> {
    const street = streetUnder(this.#bench.map, pixel);
    if (street) await this.#redraw(pair, { layer: street.layer, feature: street.id });
  }

  async #redraw({ one, other }: Pair, course: object): Promise<void> {
    if (!this.#bench.draft.isSettled) return;
    if (await this.#bench.operate("redraw_border", { one, other, ...course })) this.#bench.done();
  }

  async #finishOutline(form: OutlineForm): Promise<void> {
    const order = form.order(this.#sketch.places);
    if (order && this.#bench.draft.isSettled && (await this.#bench.operate(order.kind, order.parameters))) this.#bench.done();
  }
}
