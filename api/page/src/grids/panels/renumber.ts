// Codes by the town's scheme for everything below a unit, in one step that can be undone.

import { h } from "../../dom";
import type { Unit } from "../contract";
import type { Editor } from "../editor";
import { t } from "../texts";

const LOWEST = 4;

/** A button, and how many codes changed; null for a unit with nothing below. */
export function renumbering(editor: Editor, unit: Unit): HTMLElement | null {
  if (!editor.mayEdit || unit.level === LOWEST) return null;
  const said = h("p", { class: "small", role: "status" });
  const renumber = async () => {
    const edit = await editor.operate("renumber_by_scheme", { unit: unit.id });
    if (!edit) return;
    const n = edit.units.changed.length;
    said.replaceChildren(h("span", {}, () => (n ? t("renumbered", { n }) : t("renumberedNone"))));
  };
  const press = { type: "button", id: "renumber", title: () => t("renumberHint"), onclick: () => void renumber() };
  return h("div", {}, h("div", { class: "buttons" }, h("button", press, () => t("renumber"))), said);
}
