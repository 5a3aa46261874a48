// Faults of what a client drew, listed; each is zoomed to on click.

import { h } from "../../dom";
import { unitTitle } from "../map/features";
import { boxOf } from "../model/plane";
import { placesOf } from "../panels/faults";
import { rowButton } from "../panels/rows";
import type { Editor } from "../editor";
import { ruleWords } from "../texts";
import type { DrawnFault, Face } from "./contract";
import { metres, t } from "./texts";

const CLOSE = 18.5;
const MOST_NAMED = 3;
const OWN_RULES = ["crossing", "unmatched", "outline", "level"] as const;

/** The faults as rows, the widest first; `lookAtUnit` is called where one has no place of its own. */
export function faultRows(editor: Editor, faults: readonly DrawnFault[], faces: readonly Face[], lookAtUnit: (id: number) => void): HTMLElement {
  const look = ({ geometry, properties }: DrawnFault) => {
    editor.map.set("marks", geometry ? [{ type: "Feature", geometry, properties }] : []);
    if (geometry) editor.map.fit(boxOf(placesOf(geometry)), CLOSE);
    else if (properties.unit) lookAtUnit(properties.unit);
  };
  const widest = (one: DrawnFault, other: DrawnFault) => (other.properties.width_m ?? 0) - (one.properties.width_m ?? 0);
  const rows = faults.toSorted(widest).map((fault) =>
    rowButton(
      () => look(fault),
      h(
        "span",
        { class: "row-main" },
        h("b", {}, () => wordsOf(fault)),
        h("span", { class: "small" }, () => namesOf(editor, fault, faces)),
      ),
    ),
  );
  return h("ul", { class: "rows drawn-faults" }, ...rows);
}

function wordsOf({ properties: { rule, text, width_m } }: DrawnFault): string {
  const own = OWN_RULES.find((each) => each === rule);
  const words = own ? t(`rule_${own}`) : ruleWords(rule, text);
  return width_m ? `${words} · ${t("width", { width: metres(width_m) })}` : words;
}

function namesOf(editor: Editor, { properties: { units, unit } }: DrawnFault, faces: readonly Face[]): string {
  const concerned = units ?? (unit ? [unit] : []);
  const names = concerned.slice(0, MOST_NAMED).map((id) => nameOf(editor, id, faces));
  const more = concerned.length > MOST_NAMED ? ` ${t("unitsMore", { n: concerned.length })}` : "";
  return names.join(" | ") + more;
}

function nameOf(editor: Editor, id: number, faces: readonly Face[]): string {
  const face = faces.find((each) => each.id === id);
  return face ? face.properties.name : unitTitle(editor.draft.coverage, id);
}
