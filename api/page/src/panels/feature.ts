// What a feature says of itself, in the words of its catalogue entry.

import type { Field, Layer, Named, Town } from "../contract";
import { h } from "../dom";
import { moment } from "../format";
import { nameOf, pick, t, titleOf } from "../language";
import type { Found } from "../map/view";

const MOST = 6;
const MOST_OF_A_LAYER = 3;
const ORDER: Layer["geometry"][] = ["point", "line", "polygon"];

/** The features under a click, for a popup. */
export function describeFeatures(found: Found[], layers: readonly Layer[], town: Town): HTMLElement[] {
  const cards = inOrder(found, layers)
    .slice(0, MOST)
    .map(({ layer, properties }, i) => card(layer, properties, town, i === 0));
  const empty = h("p", { class: "small" }, () => t("nothingHere"));
  return cards.length ? cards : [empty];
}

/** Small things first, of each layer only a few. */
function inOrder(found: Found[], layers: readonly Layer[]) {
  const known = found.flatMap(({ layerId, properties }) => {
    // That a point lies in the town needs no saying.
    const layer = layers.find(({ id }) => id === layerId && id !== "town");
    return layer ? [{ layer, properties }] : [];
  });
  return layers
    .flatMap((layer) => known.filter((each) => each.layer === layer).slice(0, MOST_OF_A_LAYER))
    .sort((a, b) => ORDER.indexOf(a.layer.geometry) - ORDER.indexOf(b.layer.geometry));
}

export function nearestButton(onNearest: () => void): HTMLElement {
  return h("button", { type: "button", onclick: onNearest }, () => t("nearestHere"));
}

function card(
  layer: Layer,
  properties: Record<string, unknown>,
  town: Town,
  open: boolean,
): HTMLElement {
  const rows = layer.fields
    .filter(({ name }) => !isEmpty(properties[name]))
    .map((field) =>
      h(
        "div",
        {},
        h("dt", {}, () => titleOf(field)),
        h("dd", {}, () => valueOf(field, properties[field.name], town)),
      ),
    );
  return h(
    "details",
    { open },
    h("summary", {}, () => headline(layer, properties, town)),
    h("dl", {}, ...rows),
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "";
}

function headline(layer: Layer, properties: Record<string, unknown>, town: Town): string {
  const { name, name_en, label, code } = properties as Record<string, string | undefined>;
  const own = name ? pick(name, name_en) : (label ?? namedCode("category", properties.category, town) ?? code);
  return own ? `${titleOf(layer)}: ${own}` : titleOf(layer);
}

function valueOf(field: Field, value: unknown, town: Town): string {
  const code = field.codes?.[String(value)];
  if (code) return pick(...code);
  const named = namedCode(field.name, value, town);
  if (named) return named;
  if (field.type === "boolean") return t(value === true || value === "true" ? "yes" : "no");
  if (field.type === "date-time") return moment(String(value), town.time_zone);
  const number = typeof value === "number" ? String(Math.round(value * 100) / 100) : String(value);
  return field.unit && !field.unit.startsWith("{") ? `${number} ${field.unit}` : number;
}

/** The name of a department or category; their code lists are the town's, not the catalogue's. */
function namedCode(property: string, value: unknown, town: Town): string | undefined {
  if (property === "skills") return skillNames(String(value), town);
  const lists: Partial<Record<string, Named[]>> = {
    category: town.categories,
    department: town.departments,
  };
  const named = lists[property]?.find(({ code }) => code === value);
  return named && nameOf(named);
}

function skillNames(codes: string, town: Town): string {
  const nameOfSkill = (code: string) => {
    const known = town.skills.find((skill) => skill.code === code);
    return known ? nameOf(known) : code;
  };
  return codes.split(",").map(nameOfSkill).join(pick("、", ", "));
}
