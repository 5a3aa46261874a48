// Where another draft has changed the same: both versions, and a choice for each.

import { h } from "../../dom";
import { ServerError } from "../../server";
import type { Arc, Choice, Conflict, Refusal, Side, Unit, Versions } from "../contract";
import type { Editor } from "../editor";
import { nameIn, unitTitle } from "../map/features";
import { boxOf } from "../model/plane";
import type { DraftServer } from "../server";
import { ruleWords, t } from "../texts";
import { button, section } from "./rows";

const SIDES: readonly Side[] = ["mine", "theirs"];

export class ConflictPanel {
  readonly element = h("div", { class: "conflict", hidden: true });
  readonly #editor: Editor;
  readonly #server: DraftServer;
  readonly #fault = h("p", { class: "fault", role: "alert" });
  #shown: Conflict | null = null;

  constructor(editor: Editor, server: DraftServer) {
    this.#editor = editor;
    this.#server = server;
  }

  /** Show that the draft's base is old, or what is disputed. */
  show(): void {
    if (!this.#editor.hasDraft) return;
    const { draft } = this.#editor.draft;
    const { conflict } = draft;
    this.element.hidden = !conflict && !(draft.is_stale && draft.state === "open");
    if (conflict === this.#shown && conflict) return;
    this.#shown = conflict;
    this.#editor.painter.dispute(conflict?.arcs ?? []);
    this.element.replaceChildren(conflict ? this.#dispute(conflict) : this.#old(), this.#fault);
    if (conflict) this.#look(conflict.arcs);
  }

  #old(): HTMLElement {
    return h(
      "div",
      { class: "buttons" },
      h("p", {}, () => t("stale")),
      button(() => t("rebase"), () => void this.#rebase(), { class: "primary" }),
    );
  }

  #dispute(conflict: Conflict): HTMLElement {
    const choice: Choice = { arcs: {}, units: {}, otherwise: "mine" };
    const { arcs, units, rule } = conflict;
    const rows = [
      ...arcs.map((each) => this.#row(() => this.#arcTitle(each), `arc-${each.id}`, (side) => (choice.arcs[each.id] = side), () => this.#look([each]))),
      ...units.map((each) => this.#row(() => unitName(each), `unit-${each.id}`, (side) => (choice.units[each.id] = side), null)),
      this.#row(() => t("otherwise"), "otherwise", (side) => (choice.otherwise = side), null),
    ];
    return section(
      () => t("conflictTitle", { n: arcs.length + units.length }),
      ...(rule ? [h("p", { class: "fault" }, () => t("conflictRule", { rule: ruleWords(rule, rule) }))] : []),
      h("p", { class: "small" }, () => t("conflictNothingLost")),
      h("p", { class: "sides" }, ...SIDES.map((side) => h("span", { class: side }, () => t(side)))),
      ...rows,
      button(() => t("applyChoice"), () => void this.#rebase(choice), { class: "primary wide" }),
    );
  }

  #row(title: () => string, name: string, choose: (side: Side) => void, look: (() => void) | null): HTMLElement {
    const choices = SIDES.map((side) =>
      h(
        "label",
        {},
        h("input", { type: "radio", name: `conflict-${name}`, value: side, checked: side === "mine", onchange: () => choose(side) }),
        h("span", { class: side }, () => t(side)),
      ),
    );
    choose("mine");
    const label = look ? button(title, look, { class: "quiet" }) : h("span", {}, title);
    return h("div", { class: "dispute", "data-dispute": name }, label, h("div", { class: "segments" }, ...choices));
  }

  #arcTitle({ base, theirs, mine }: Versions<Arc>): string {
    const arc = mine ?? theirs ?? base;
    const { coverage } = this.#editor.draft;
    const side = (face: number | undefined) => (face ? unitTitle(coverage, face) : t("outside"));
    return t("conflictArc", { between: `${side(arc?.left)} | ${side(arc?.right)}` });
  }

  #look(arcs: readonly Versions<Arc>[]): void {
    const places = arcs.flatMap(({ base, theirs, mine }) => [base, theirs, mine].flatMap((arc) => arc?.coords ?? []));
    if (places.length) this.#editor.map.fit(boxOf(places), 17.5);
  }

  async #rebase(choice?: Choice): Promise<void> {
    const { draft } = this.#editor;
    this.#fault.textContent = "";
    try {
      const answer = await this.#server.rebase(draft.draft.id, draft.draft.revision, choice);
      draft.draft = { ...draft.draft, ...answer.draft };
      await draft.reload();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      const { conflict } = (error.answer ?? {}) as Refusal;
      if (conflict) draft.dispute(conflict);
      else this.#fault.textContent = error.message;
    }
  }
}

function unitName({ base, theirs, mine }: Versions<Unit>): string {
  const unit = mine ?? theirs ?? base;
  const names = [mine, theirs].flatMap((each) => (each ? nameIn(each) : "—"));
  return t("conflictUnit", { name: names[0] === names[1] && unit ? nameIn(unit) : names.join(" / ") });
}
