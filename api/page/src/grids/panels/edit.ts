// What is chosen: an edge with what can be done to it, or a unit with its form; and the workload.

import { h } from "../../dom";
import { nameOf } from "../../language";
import type { Layer } from "../../contract";
import type { Arc, Unit } from "../contract";
import type { Editor } from "../editor";
import { unitTitle } from "../map/features";
import { length_m } from "../model/plane";
import { t } from "../texts";
import { NOTHING_CHOSEN, type Selection } from "../tools/tool";
import { renumbering } from "./renumber";
import { button, field, section, textInput } from "./rows";
import type { WorkloadPanel } from "./workload";

const SMALL_BEND_M = 2;

export class EditPanel {
  readonly element = h("div", { class: "edit" });
  readonly #editor: Editor;
  readonly #workload: WorkloadPanel;
  readonly #kinds: Record<string, [string, string]>;
  readonly #mayMoveOutline: () => boolean;
  readonly #chosen = h("div", {});
  readonly #attributes = h("div", {});
  #shown = "";

  constructor(editor: Editor, workload: WorkloadPanel, layers: readonly Layer[], mayMoveOutline: () => boolean) {
    this.#editor = editor;
    this.#workload = workload;
    this.#mayMoveOutline = mayMoveOutline;
    const villages = layers.find(({ id }) => id === "villages");
    this.#kinds = villages?.fields.find(({ name }) => name === "kind")?.codes ?? {};
    this.element.append(this.#chosen, workload.element, this.#attributes);
  }

  /** Show what is chosen, as it is now. */
  show(): void {
    const { selection } = this.#editor;
    const { hasDraft } = this.#editor;
    const panel = this.#editor.tool?.panel;
    if (panel) return this.#fillIn(panel);
    const state = JSON.stringify([selection, hasDraft, hasDraft && this.#stamp(selection)]);
    if (state !== this.#shown || !this.#chosen.firstChild) {
      this.#shown = state;
      this.#chosen.replaceChildren(this.#describe(selection));
      this.#attributes.replaceChildren(...this.#formOf(selection));
    }
    this.#workload.show(selection, null);
  }

  /** What a tool wants to know takes the place of what is chosen. */
  #fillIn(panel: HTMLElement): void {
    this.#shown = "";
    if (this.#chosen.firstChild !== panel) this.#chosen.replaceChildren(panel);
    this.#attributes.replaceChildren();
    this.#workload.show(NOTHING_CHOSEN, null);
  }

  /** What the description depends on; a form that somebody fills in isn't made anew without need. */
  #stamp(selection: Selection): unknown {
    const { draft, mayEdit } = this.#editor;
    if (selection.kind === "arc") return [mayEdit, draft.coverage.arcs.get(selection.id)];
    return selection.kind === "unit" && [mayEdit, draft.coverage.units.get(selection.id)];
  }

  #describe(selection: Selection): HTMLElement {
    if (!this.#editor.hasDraft) return hint(() => t("noDraftOpen"));
    const { coverage } = this.#editor.draft;
    const arc = selection.kind === "arc" ? coverage.arcs.get(selection.id) : undefined;
    const unit = selection.kind === "unit" ? coverage.units.get(selection.id) : undefined;
    if (arc) return this.#edge(arc);
    return unit ? this.#unit(unit) : hint(() => t("nothingChosen"));
  }

  #edge(arc: Arc): HTMLElement {
    const { coverage } = this.#editor.draft;
    const side = (face: number) => (face ? unitTitle(coverage, face) : t("outside"));
    const { selection, mayEdit } = this.#editor;
    const run = selection.kind === "arc" ? selection.run : null;
    const isOutline = arc.level === 1;
    return section(
      () => t("edge"),
      h("h3", {}, () => t("edgeBetween", { one: side(arc.left), other: side(arc.right) })),
      h("p", { class: "small" }, () => t("edgeFacts", { length: Math.round(length_m(arc.coords)), n: arc.coords.length })),
      ...(run && run.first < run.last ? [h("p", { class: "small" }, () => t("runFacts", { first: run.first + 1, last: run.last + 1 }))] : []),
      ...(mayEdit && !isOutline ? [this.#edgeButtons(arc)] : []),
      ...(mayEdit && isOutline ? [this.#outline()] : []),
    );
  }

  #edgeButtons(arc: Arc): HTMLElement {
    const straighten = (tolerance_m?: number) => {
      if (!this.#editor.draft.isSettled) return;
      const { selection } = this.#editor;
      const run = selection.kind === "arc" ? selection.run : null;
      const { first, last } = run ?? { first: 0, last: arc.coords.length - 1 };
      const tolerance = tolerance_m === undefined ? {} : { tolerance_m };
      void this.#editor.operate("straighten", { arc: arc.id, first, last, ...tolerance });
    };
    return h(
      "div",
      { class: "buttons" },
      button(() => t("straighten"), () => straighten()),
      button(() => t("simplify"), () => straighten(SMALL_BEND_M)),
      button(() => t("followStreet"), () => this.#editor.take("follow")),
      button(() => t("tool_border"), () => this.#editor.take("border")),
    );
  }

  #outline(): HTMLElement {
    if (!this.#mayMoveOutline()) return h("p", { class: "small" }, () => t("hint_outlineNo"));
    const input = textInput(this.#editor.neighbour, { id: "neighbour" });
    input.addEventListener("input", () => this.#editor.nameNeighbour(input.value));
    return field(() => t("neighbourTown"), input);
  }

  #unit(unit: Unit): HTMLElement {
    const { coverage } = this.#editor.draft;
    const parent = coverage.units.get(unit.parent);
    return section(
      () => t(`levelOne_${unit.level}`),
      h("h3", {}, () => unitTitle(coverage, unit.id)),
      h("p", { class: "small" }, () => [unit.code, parent ? unitTitle(coverage, parent.id) : ""].filter(Boolean).join(" · ")),
      h(
        "div",
        { class: "buttons" },
        button(() => t("zoomTo"), () => this.#editor.zoomToUnit(unit.id)),
        ...(this.#editor.mayEdit ? this.#unitTools(unit) : []),
      ),
      ...[renumbering(this.#editor, unit)].filter((row) => row !== null),
    );
  }

  #formOf(selection: Selection): HTMLElement[] {
    if (selection.kind !== "unit" || !this.#editor.mayEdit) return [];
    const unit = this.#editor.draft.coverage.units.get(selection.id);
    return unit ? [section(() => t("attributes"), this.#form(unit))] : [];
  }

  #unitTools({ level }: Unit): HTMLElement[] {
    const lowest = level === 4;
    const tools = lowest ? (["split", "merge", "transfer", "parent", "share"] as const) : (["merge", "parent"] as const);
    return tools
      .filter((id) => id !== "parent" || level > 2)
      .map((id) => button(() => t(`tool_${id}`), () => this.#editor.take(id)));
  }

  #form(unit: Unit): HTMLElement {
    const code = textInput(unit.code, { id: "unit-code" });
    const name = textInput(unit.name, { id: "unit-name" });
    const nameEn = textInput(unit.name_en ?? "", { id: "unit-name-en" });
    const kind = this.#kindSelect(unit);
    const parent = this.#parentSelect(unit);
    const save = async (event: SubmitEvent) => {
      event.preventDefault();
      const changed = {
        ...(name.value.trim() !== unit.name && { name: name.value }),
        ...(nameEn.value.trim() !== (unit.name_en ?? "") && { name_en: nameEn.value.trim() || null }),
        ...(kind.value !== (unit.kind ?? "") && { kind: kind.value || null }),
      };
      if (Object.keys(changed).length) await this.#editor.operate("rename", { unit: unit.id, ...changed });
      if (code.value !== unit.code) await this.#editor.operate("renumber", { codes: { [unit.id]: code.value.trim() } });
      if (parent && Number(parent.value) !== unit.parent) {
        await this.#editor.operate("set_parent", { unit: unit.id, parent: Number(parent.value) });
      }
    };
    return h(
      "form",
      { class: "unit-form", onsubmit: (event: SubmitEvent) => void save(event) },
      field(() => t("name"), name),
      field(() => t("nameEn"), nameEn),
      field(() => t("code"), code),
      ...(unit.level === 2 ? [field(() => t("kind"), kind)] : []),
      ...(parent ? [field(() => t("parent"), parent)] : []),
      h("button", { type: "submit", class: "primary" }, () => t("save")),
    );
  }

  #kindSelect(unit: Unit): HTMLSelectElement {
    const options = Object.entries(this.#kinds).map(([value, [name, name_en]]) =>
      h("option", { value, selected: value === unit.kind }, () => nameOf({ name, name_en })),
    );
    return h("select", { id: "unit-kind" }, h("option", { value: "" }, () => t("kindNone")), ...options);
  }

  /** Its parent and those of its neighbours: any other would not be one piece. */
  #parentSelect(unit: Unit): HTMLSelectElement | null {
    if (unit.level < 3) return null;
    const { coverage } = this.#editor.draft;
    const parents = new Set([unit.parent, ...coverage.neighbours(unit.id).map((id) => coverage.units.get(id)?.parent ?? 0)]);
    parents.delete(0);
    const options = [...parents].map((id) =>
      h("option", { value: id, selected: id === unit.parent }, () => unitTitle(coverage, id)),
    );
    return h("select", { id: "unit-parent" }, ...options);
  }
}

function hint(words: () => string): HTMLElement {
  return h("p", { class: "hint" }, words);
}
