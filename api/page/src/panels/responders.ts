// The rows of the answer: minutes first, then who, from where, and whether three minutes hold.

import type { Named, Responder, Unreachable } from "../contract";
import { drawing, h } from "../dom";
import { metres, minutes, minutesInWords } from "../format";
import { nameOf, t, type Words } from "../language";
import { SIZE } from "../map/symbols";

export const TICK = "M4 12.5l5 5L20 6.5";
export const CROSS = "M6 6l12 12M18 6L6 18";

export function responderRow(
  responder: Responder,
  rank: number,
  departments: readonly Named[],
  onLookAt: (key: string | null) => void,
): HTMLElement {
  const inTime = responder.holds_180_s;
  const button = h(
    "button",
    {
      type: "button",
      class: "responder",
      "data-key": responder.key,
      onclick: () => onLookAt(responder.key),
      onfocus: () => onLookAt(responder.key),
    },
    h("span", { class: "rank" }, String(rank)),
    h(
      "span",
      { class: "who" },
      h("strong", {}, responder.label),
      h("span", { class: "small" }, details(responder, departments)),
    ),
    h(
      "span",
      { class: inTime ? "time in-time" : "time late" },
      h(
        "span",
        { class: "minutes", "aria-label": () => minutesInWords(responder.travel_time_s) },
        minutes(responder.travel_time_s),
      ),
      h(
        "span",
        { class: "promise" },
        drawing(inTime ? TICK : CROSS, SIZE, { class: "mark" }),
        h("span", {}, () => t(inTime ? "within" : "late")),
      ),
    ),
  );
  return h("li", {}, button);
}

export function unreachableRows(
  unreachable: readonly Unreachable[],
  departments: readonly Named[],
): HTMLElement[] {
  if (!unreachable.length) return [];
  const rows = unreachable.map((each) =>
    h("li", {}, each.label, h("span", { class: "small" }, () => ` ${whoAndHow(each, departments)} · ${t(each.reason)}`)),
  );
  return [
    h(
      "details",
      { class: "unreachable" },
      h("summary", {}, () => t("unreachable", { n: unreachable.length })),
      h("ul", {}, ...rows),
    ),
  ];
}

/** The pin of a responder on the map: rank and minutes. */
export function responderPin(responder: Responder, rank: number, onPress: () => void): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      class: responder.holds_180_s ? "pin in-time" : "pin late",
      "data-key": responder.key,
      "aria-label": () => `${responder.label} ${minutesInWords(responder.travel_time_s)}`,
      onclick: (event: Event) => {
        event.stopPropagation();
        onPress();
      },
    },
    h("span", { class: "rank" }, String(rank)),
    h("span", {}, minutes(responder.travel_time_s)),
    drawing(responder.holds_180_s ? TICK : CROSS, SIZE, { class: "mark" }),
  );
}

/** The pin of the incident itself. */
export function incidentPin(): HTMLElement {
  const icon = drawing(
    "M12 1.500a8 8 0 0 0-8 8c0 5.5 8 13 8 13s8-7.5 8-13a8 8 0 0 0-8-8zM12 6a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7z",
    SIZE,
    { "fill-rule": "evenodd" },
  );
  return h("div", { class: "incident-pin", role: "img", "aria-label": () => t("here") }, icon);
}

function details(responder: Responder, departments: readonly Named[]): Words {
  return () => `${whoAndHow(responder, departments)} · ${metres(responder.distance_m)}`;
}

function whoAndHow(responder: Responder | Unreachable, departments: readonly Named[]): string {
  const department = departments.find(({ code }) => code === responder.department);
  const mode = t(`mode_${responder.mode}`);
  return [department && nameOf(department), mode].filter(Boolean).join(" · ");
}
