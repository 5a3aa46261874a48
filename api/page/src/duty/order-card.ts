// One order as its responder reads it: what, where, how far, what is known.

import { h, type Child } from "../dom";
import { metres, minutes } from "../format";
import { pick } from "../language";
import { WAITING, type Order, type OrderState } from "./contract";
import { t } from "./texts";

/**
 * The order's headline, place and facts; it is made anew with every change of language.
 * `around` says in which grid a place without a name lies.
 */
export function orderCard(order: Order, around: HTMLElement): HTMLElement {
  const { incident } = order;
  return h(
    "section",
    { class: "duty-order", "data-severity": incident.severity, "data-state": order.state },
    h(
      "p",
      { class: "duty-kind" },
      h("span", { class: "duty-severity" }, t(`severity${incident.severity as 1 | 2 | 3 | 4}`)),
      h("strong", {}, pick(incident.category, incident.category_en)),
      incident.number ? h("span", { class: "small number" }, incident.number) : null,
    ),
    incident.title ? h("p", { class: "duty-title" }, incident.title) : null,
    h("h2", {}, ...where(order)),
    order.place ? null : around,
    h("p", { class: "duty-way" }, ...way(order)),
  );
}

/** What is known beyond the place: the words of those who reported it, and who else goes. */
export function knownCard(order: Order): HTMLElement {
  const said = order.texts.length ? order.texts.map((text) => h("blockquote", {}, text)) : [h("p", { class: "small" }, t("nothingSaid"))];
  const others = order.others.map(({ label, state, eta_s }) =>
    h("li", {}, label, h("span", { class: "small" }, [stateName(state), eta_s === null ? "" : minutes(eta_s)].filter(Boolean).join(" · "))),
  );
  return h(
    "section",
    { class: "duty-known" },
    h("h3", {}, t("said")),
    ...said,
    others.length ? h("h3", {}, t("others")) : null,
    others.length ? h("ul", {}, ...others) : null,
  );
}

/** Why there is nothing to go to any more. */
export function endedCard(order: Order): HTMLElement {
  const { incident, state } = order;
  const why = { lapsed: t("lapsedWhy"), withdrawn: t("withdrawnWhy"), declined: t("declinedWhy"), done: t("doneWhy") }[state as string];
  const stay = state === "lapsed" || state === "withdrawn";
  return h(
    "li",
    { class: stay ? "duty-ended duty-stay" : "duty-ended" },
    h("strong", {}, `${pick(incident.category, incident.category_en)} ${incident.number ?? ""}`),
    h("span", {}, why ?? stateName(state)),
  );
}

export function stateName(state: OrderState): string {
  return state in { sent: 1, delivered: 1, seen: 1, accepted: 1, arrived: 1, reported: 1, done: 1 } ? t(state as "sent") : state;
}

export function isWaiting(order: Order): boolean {
  return WAITING.includes(order.state);
}

function where({ place, incident }: Order): Child[] {
  if (!place) {
    const numbers = t("coordinates", { lon: incident.lon.toFixed(5), lat: incident.lat.toFixed(5) });
    return [t("onMap"), h("span", { class: "duty-address" }, numbers)];
  }
  const inside = [
    place.entrance ? t("entrance", { entrance: place.entrance }) : "",
    place.floor ? t("floor", { floor: place.floor }) : "",
  ].filter(Boolean);
  const address = place.address && place.address !== place.name ? h("span", { class: "duty-address" }, place.address) : null;
  return [[place.name, ...inside].join(" "), address];
}

function way({ eta_s, distance_m, incident }: Order): Child[] {
  const facts = [
    eta_s === null ? "" : t("eta", { minutes: minutes(eta_s) }),
    distance_m === null ? "" : metres(distance_m),
    incident.accuracy_m && incident.accuracy_m > 30 ? t("accuracy", { metres: Math.round(incident.accuracy_m) }) : "",
  ];
  return facts.filter(Boolean).map((fact) => h("span", {}, fact));
}
