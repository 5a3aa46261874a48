// A repair of slivers: shown with all that it would move before it is taken.

import type { Feature } from "geojson";
import { h } from "../../dom";
import type { Place } from "../contract";
import type { Editor } from "../editor";
import { boxOf } from "../model/plane";
import { placesOf } from "../panels/faults";
import { button, field, rowButton } from "../panels/rows";
import { pointFeature } from "../map/features";
import type { Offer, RepairPlace } from "./contract";
import { metres, t } from "./texts";

const MOST_LISTED = 6;
/** What the server repairs at most. */
export const WIDEST_M = 5;
const CLOSE = 20;

interface Options {
  editor: Editor;
  /** The width of the widest fault. */
  widthM: number;
  ask: (widthM: number, apply: boolean) => Promise<Offer | null>;
  /** What the map shows of the offer. */
  onShow: (features: Feature[]) => void;
}

/** A form that asks how wide, and what that would do. */
export function repairForm(options: Options): HTMLElement {
  const { widthM, ask, onShow } = options;
  const width = h("input", { type: "number", id: "repair-width", min: 0.001, max: WIDEST_M, step: "any", value: String(enough(widthM)) });
  const result = h("div", { class: "offer", role: "status" });
  const clear = () => {
    result.replaceChildren();
    onShow([]);
  };
  width.addEventListener("input", clear);
  const preview = async (event: SubmitEvent) => {
    event.preventDefault();
    clear();
    const offer = await ask(width.valueAsNumber, false);
    if (!offer) return;
    onShow(placeFeatures(offer.places.features));
    result.replaceChildren(...describe(offer, options));
  };
  return h(
    "form",
    { class: "repair", onsubmit: (event: SubmitEvent) => void preview(event) },
    h("h3", {}, () => t("repairTitle")),
    h("p", { class: "small" }, () => t("repairWhy", { width: metres(widthM) })),
    field(() => t("repairWidth"), width),
    h("button", { type: "submit", class: "wide" }, () => t("preview")),
    result,
  );
}

function describe(offer: Offer, { editor, ask }: Options): HTMLElement[] {
  const { units, places, clean_afterwards, faults, width_m } = offer;
  if (!units.length) return [h("p", { class: "fault" }, () => t("nothingToRepair"))];
  const others = units.filter(({ drawn }) => !drawn).map(({ name }) => name);
  const listed = places.features.slice(0, MOST_LISTED);
  const rest = places.features.length - listed.length;
  return [
    h("p", { class: clean_afterwards ? "sound" : "fault" }, () => (clean_afterwards ? t("cleanAfter") : t("notCleanAfter", { n: faults.features.length }))),
    h("p", { class: "sum" }, () => sums(offer).join(" · ")),
    ...(others.length ? [h("p", { class: "small" }, () => t("alsoMoves", { names: others.join(", ") }))] : []),
    h("ul", { class: "rows" }, ...listed.map((place) => row(place, offer, editor))),
    ...(rest > 0 ? [h("p", { class: "small" }, () => t("placesMore", { n: rest }))] : []),
    button(() => t("take"), () => void ask(width_m, true), { class: "primary wide" }),
  ];
}

function sums({ vertices_moved, farthest_m, vertices_added, area_m2 }: Offer): string[] {
  return [
    ...(vertices_moved ? [t("movedSum", { n: vertices_moved, far: metres(farthest_m) })] : []),
    ...(vertices_added ? [t("addedSum", { n: vertices_added })] : []),
    t("areaSum", { area: area_m2.toFixed(area_m2 < 10 ? 2 : 0) }),
  ];
}

function row({ geometry, properties: { kind, unit, distance_m } }: RepairPlace, { units }: Offer, editor: Editor): HTMLElement {
  const name = units.find(({ id }) => id === unit)?.name ?? "";
  return rowButton(
    () => editor.map.fit(boxOf(placesOf(geometry)), CLOSE),
    h("span", { class: "row-main" }, h("b", {}, () => t(`place_${kind}`, { far: metres(distance_m) })), h("span", { class: "small" }, name)),
  );
}

/** Vertices move by centimetres: a ring shows where, from afar. */
function placeFeatures(places: readonly RepairPlace[]): Feature[] {
  return places.flatMap(({ geometry, properties }): Feature[] => {
    const at = placesOf(geometry)[0] as Place;
    const ring = pointFeature(at, { kind: "place" });
    return geometry.type === "Point" ? [ring] : [{ type: "Feature", geometry, properties }, ring];
  });
}

/** A little more than the widest fault, to the centimetre. */
function enough(widthM: number): number {
  return Math.min(WIDEST_M, Math.ceil(widthM * 110) / 100);
}
