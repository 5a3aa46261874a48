// A building seen from the street: entrances side by side, floors above one another, whose each is.

import { h } from "../../dom";
import { labelOf } from "./faults";
import type { ShareRow } from "./rows";
import { ANY_OTHER, type Band, type Stack } from "./storeys";
import { t } from "./texts";

export const COLORS = 8;

export function stackPicture({ building, entrances, bands }: Stack, rows: readonly ShareRow[]): HTMLElement {
  const heads = entrances.map((each) => h("th", { scope: "col" }, each === ANY_OTHER ? otherWords(entrances) : each));
  const { floors, households } = building;
  const facts = () => t("buildingFacts", { label: labelOf(building), floors: floors ?? "?", households: households ?? "?" });
  return h(
    "table",
    { class: "stack" },
    h("caption", {}, facts),
    h("thead", {}, h("tr", {}, h("td"), ...heads)),
    h("tbody", {}, ...bands.map((band) => bandRow(band, rows))),
  );
}

function otherWords(entrances: readonly string[]): string {
  return t(entrances.length === 1 ? "allEntrances" : "otherEntrances");
}

function bandRow({ lowest, highest, owners }: Band, rows: readonly ShareRow[]): HTMLElement {
  const words = () => (lowest === highest ? String(lowest) : t("floorsCell", { lowest, highest }));
  const row = h("tr", {}, h("th", { scope: "row" }, words), ...owners.map((own) => cell(own, rows)));
  // As high as it is in the building, as far as there is room.
  row.style.height = `${Math.min(5, 1.5 + 0.12 * (highest - lowest))}rem`;
  return row;
}

function cell(owners: readonly number[], rows: readonly ShareRow[]): HTMLElement {
  const [owner] = owners;
  if (owner === undefined) return h("td", { class: "wrong" }, () => t("nobody"));
  if (owners.length > 1) return h("td", { class: "wrong" }, () => t("several"));
  return h("td", { "data-share": String(owner % COLORS) }, rows[owner]?.name || t("rowOf", { n: owner + 1 }));
}
