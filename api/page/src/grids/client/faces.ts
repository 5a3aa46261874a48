// The units that a client drew: on the map, and as a list.

import type { Feature } from "geojson";
import { h } from "../../dom";
import { language } from "../../language";
import type { Place } from "../contract";
import type { Editor } from "../editor";
import { boxOf, type Box } from "../model/plane";
import type { Coverage } from "../model/coverage";
import { button, chip } from "../panels/rows";
import type { Face } from "./contract";
import { t } from "./texts";

/** The drawn units as the map shows them; those of which only attributes changed are faint. */
export function faceFeatures(faces: readonly Face[], coverage: Coverage): Feature[] {
  return faces.flatMap(({ id, geometry, properties: { gone } }): Feature[] => {
    const properties = { kind: gone ? "gone" : "face", faint: geometry === null && !gone };
    if (geometry) return [{ type: "Feature", id, geometry, properties }];
    if (!coverage.units.has(id)) return [];
    const coordinates = coverage.polygonsOf(id);
    return [{ type: "Feature", id, geometry: { type: "MultiPolygon", coordinates }, properties }];
  });
}

export function boxOfFace({ id, geometry }: Face, coverage: Coverage): Box | null {
  if (geometry) return boxOf(geometry.coordinates.flat(2) as Place[]);
  return coverage.units.has(id) ? coverage.boxOf(id) : null;
}

interface Options {
  editor: Editor;
  faulty: ReadonlySet<number>;
  /** Whether this visitor may discard. */
  mayDecide: boolean;
  onDiscard: (unit: number) => void;
}

export function faceRows(faces: readonly Face[], options: Options): HTMLElement {
  return h("ul", { class: "rows drawn-units" }, ...faces.map((face) => row(face, options)));
}

function row(face: Face, { editor, faulty, mayDecide, onDiscard }: Options): HTMLElement {
  const { code, gone } = face.properties;
  const name = () => (language() === "en" && face.properties.name_en) || face.properties.name;
  const look = () => {
    const box = boxOfFace(face, editor.draft.coverage);
    if (box) editor.map.fit(box);
  };
  const chips = [
    chip(() => t(deed(face)), gone ? "did-gone" : ""),
    ...(faulty.has(face.id) ? [chip(() => t("faulty"), "did-wrong")] : []),
  ];
  const main = h(
    "button",
    { type: "button", class: "row", onclick: look },
    h("span", { class: "row-main" }, h("b", {}, name), h("span", { class: "small" }, code)),
    h("span", { class: "chips" }, ...chips),
  );
  const drop = mayDecide ? [discardButton(name, () => onDiscard(face.id))] : [];
  return h("li", { "data-unit": String(face.id) }, main, ...drop);
}

function deed({ geometry, properties }: Face): "did_new" | "did_gone" | "did_shape" | "did_named" {
  if (properties.gone) return "did_gone";
  if (properties.new) return "did_new";
  return geometry ? "did_shape" : "did_named";
}

/** Asks again before it is done. */
function discardButton(name: () => string, discard: () => void): HTMLElement {
  let sure = false;
  const element = button(
    () => t(sure ? "discardOneSure" : "discardOne"),
    () => {
      if (sure) discard();
      sure = true;
      element.textContent = t("discardOneSure");
    },
    { class: "quiet" },
  );
  element.setAttribute("aria-label", t("discardOneOf", { name: name() }));
  return element;
}
