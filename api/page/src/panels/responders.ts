// The rows of the answer: minutes first, then who, from where, and whether three minutes hold.

import type { Named, Responder } from "../contract";
import { both, t as words } from "../dispatch/nearest/words";
import { drawing, h } from "../dom";
import { metres, minutes, minutesInWords } from "../format";
import { nameOf, t, type Words } from "../language";
import { SIZE } from "../map/symbols";

export const TICK = "M4 12.5l5 5L20 6.5";
// Less sure is worth a word.
const SURE = 0.8;
export const CROSS = "M6 6l12 12M18 6L6 18";

export function responderRow(
  responder: Responder,
  rank: number,
  departments: readonly Named[],
  onLookAt: (key: string | null) => void,
): HTMLElement {
  const look = lookOf(responder);
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
      { class: `time ${look}` },
      h(
        "span",
        { class: "minutes", "aria-label": () => minutesInWords(responder.eta_s) },
        minutes(responder.eta_s),
      ),
      h(
        "span",
        { class: "promise" },
        drawing(responder.in_time ? TICK : CROSS, SIZE, { class: "mark" }),
        h("span", {}, () => t(responder.in_time ? "within" : "late")),
      ),
    ),
    h("span", { class: "between", title: () => words("spread") }, between(responder)),
    h("span", { class: "why" }, both(responder.why)),
  );
  return h("li", {}, button);
}

/** Sure, doubtful or too late. */
function lookOf({ in_time, hold_probability }: Responder): string {
  if (!in_time) return "late";
  return hold_probability >= SURE ? "in-time" : "at-risk";
}

function between({ eta_low_s, eta_high_s, hold_probability }: Responder): Words {
  const low = minutes(eta_low_s);
  const high = minutes(eta_high_s);
  const sure = () => words("sure", { n: Math.min(99, Math.round(100 * hold_probability)) });
  return () => `${words("between", { low, high })} · ${sure()}`;
}

/** The pin of a responder on the map: rank and minutes. */
export function responderPin(responder: Responder, rank: number, onPress: () => void): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      class: responder.in_time ? "pin in-time" : "pin late",
      "data-key": responder.key,
      "aria-label": () => `${responder.label} ${minutesInWords(responder.eta_s)}`,
      onclick: (event: Event) => {
        event.stopPropagation();
        onPress();
      },
    },
    h("span", { class: "rank" }, String(rank)),
    h("span", {}, minutes(responder.eta_s)),
    drawing(responder.in_time ? TICK : CROSS, SIZE, { class: "mark" }),
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

function whoAndHow(responder: Responder, departments: readonly Named[]): string {
  const department = departments.find(({ code }) => code === responder.department);
  const mode = t(`mode_${responder.mode}`);
  return [department && nameOf(department), mode].filter(Boolean).join(" · ");
}
