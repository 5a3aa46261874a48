// What each micro-grid of a shared polygon carries, beside the band; and what they have of the buildings.

import { h } from "../../dom";
import { count } from "../../format";
import type { Unit } from "../contract";
import type { BurdenMap } from "../model/burden";
import type { Coverage } from "../model/coverage";
import { bandBar } from "../panels/band";
import { section } from "../panels/rows";
import { t as page } from "../texts";
import type { Highrise, Share, ShareLoad } from "./contract";
import type { Highrises } from "./highrises";
import { COLORS } from "./stack";
import { t } from "./texts";
import { householdsNumber, partsWords } from "./words";

const MICRO_GRID = 4;

/** A card for each micro-grid that shares a unit; none where nobody does. */
export function shareCards({ id, shares = [] }: Unit, highrises: Highrises, burdens: BurdenMap, coverage: Coverage): HTMLElement[] {
  if (!shares.length) return [];
  const known = highrises.of(id);
  const cards = shares.map((share, i) => shareCard(share, i, known, burdens, highrises.incidentDays));
  const divided = known?.shares.reduce((sum, { load }) => sum + load.households, 0) ?? 0;
  const own = burdens.amountIn("households", coverage.polygonsOf(id)) - divided;
  const stays = known ? [h("p", { class: "small" }, () => t("stays", { n: householdsNumber(Math.max(0, own)) }))] : [];
  const rest = known && hasAny(known.rest) ? [h("p", { class: "small" }, () => t("rest"), " ", facts(known.rest, highrises.incidentDays))] : [];
  return [section(() => t("sharedBy", { n: shares.length }), h("div", { class: "cards" }, ...cards), ...stays, ...rest)];
}

function shareCard(share: Share, position: number, known: Highrise | undefined, burdens: BurdenMap, days: number): HTMLElement {
  const load = known?.shares.find(({ code }) => code === share.code)?.load;
  const band = burdens.bandOf(MICRO_GRID);
  const inBand = load ? burdens.inBand(MICRO_GRID, load.households) : "";
  return h(
    "article",
    { class: `load ${inBand}`, "data-share": String(position % COLORS), "data-code": share.code },
    h("header", {}, h("strong", {}, h("i", { class: "swatch" }), share.name), h("span", { class: "small" }, share.code)),
    h("p", { class: "small" }, () => partsWords(share.parts, known?.buildings ?? [])),
    ...(load ? [h("p", { class: "load-main" }, h("span", { class: "small" }, () => page("households")), h("b", { class: "number share-households" }, householdsNumber(load.households)), ...(inBand ? [h("span", { class: "band-word" }, () => page(`band_${inBand}`))] : []))] : []),
    ...(load && band ? [bandBar(band, load.households, undefined), h("p", { class: "small" }, facts(load, days))] : []),
  );
}

function facts({ rooms, premises, incidents }: ShareLoad, days: number): HTMLElement {
  const each = [
    [() => t("rooms"), householdsNumber(rooms)],
    [() => t("premises"), count(premises)],
    [() => t("incidents", { days }), count(incidents)],
  ] as const;
  return h("span", { class: "share-facts" }, ...each.map(([words, value]) => h("span", {}, words, " ", h("b", {}, value))));
}

function hasAny({ rooms, premises, incidents, households }: ShareLoad): boolean {
  return rooms + premises + incidents + households > 0.05;
}
