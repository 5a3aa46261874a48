// One incident of several: how long it waits, who had best go, and what others would cost.

import { drawing, h } from "../../dom";
import { minutes, minutesInWords } from "../../format";
import { pick, translator, type Words } from "../../language";
import { SIZE } from "../../map/symbols";
import { CROSS, TICK } from "../../panels/responders";
import type { Advice, Both, Option } from "./server";
import { ASSIGNMENT_TEXTS } from "./texts";

export const t = translator(ASSIGNMENT_TEXTS);

export interface Hands {
  /** Send somebody to an incident. */
  onOrder: (advice: Advice, option: Option) => void;
  onLookAt: (advice: Advice) => void;
}

export function adviceRow(advice: Advice, isOpen: boolean, hands: Hands): HTMLElement {
  const others = advice.price_of_deviation.filter(({ key }) => key !== advice.suggested?.key);
  return h(
    "li",
    { class: "advice", "data-action": advice.action, "data-incident": advice.id },
    h(
      "button",
      { type: "button", class: "quiet advice-what", onclick: () => hands.onLookAt(advice) },
      h("span", { class: "severity", "data-severity": advice.severity }, () => t("severity", { n: advice.severity })),
      h("strong", {}, nameOf(advice)),
      h("span", { class: "small" }, () => t("waited", { time: waited(advice.waited_s) })),
    ),
    suggestion(advice, hands),
    ...(others.length
      ? [
          h(
            "details",
            { open: isOpen },
            h("summary", { class: "small" }, () => t("others")),
            h("ul", {}, ...others.map((option) => otherRow(advice, option, hands))),
          ),
        ]
      : []),
  );
}

export function nameOf(advice: Advice): Words {
  return () => advice.title ?? both(advice.category)();
}

export function both(words: Both): Words {
  return () => pick(words.zh, words.en);
}

function suggestion(advice: Advice, hands: Hands): HTMLElement {
  const { suggested, action, words } = advice;
  const orders = suggested && (action === "order" || action === "reassign");
  const press = () => suggested && hands.onOrder(advice, suggested);
  return h(
    "div",
    { class: "advice-who" },
    suggested
      ? h("span", {}, h("strong", {}, suggested.label), ...former(advice))
      : h("span", {}, both(words)),
    ...(suggested ? [arrival(suggested)] : []),
    ...(orders
      ? [
          orderButton(advice, suggested, action === "order" ? "orderThis" : "insteadThis", press, "primary"),
        ]
      : []),
    ...(action === "keep" ? [h("span", { class: "small" }, () => t("onWay"))] : []),
  );
}

/** Whose order would end. */
function former({ action, responder_label }: Advice): HTMLElement[] {
  if (action !== "reassign" || !responder_label) return [];
  return [h("span", { class: "small" }, () => t("former", { who: responder_label }))];
}

function otherRow(
  advice: Advice,
  option: Advice["price_of_deviation"][number],
  hands: Hands,
): HTMLElement {
  const label = advice.responder === null ? "orderThis" : "insteadThis";
  const action =
    option.key === advice.responder
      ? h("span", { class: "small" }, () => t("onWay"))
      : orderButton(advice, option, label, () => hands.onOrder(advice, option));
  return h(
    "li",
    {},
    h("span", { class: "other-who" }, option.label, h("span", { class: "small" }, both(option.price.words))),
    arrival(option),
    action,
  );
}

/** Short to look at; read aloud it says who goes where. */
function orderButton(
  advice: Advice,
  { label }: Option,
  text: "orderThis" | "insteadThis",
  onclick: () => void,
  look = "",
): HTMLElement {
  const aloud = () => `${t(text)} ${label} → ${nameOf(advice)()}`;
  return h("button", { type: "button", class: look, "aria-label": aloud, onclick }, () => t(text));
}

function arrival({ eta_s, in_time }: Option): HTMLElement {
  return h(
    "span",
    { class: in_time ? "eta in-time" : "eta late" },
    h("span", { class: "number", "aria-label": () => minutesInWords(eta_s) }, minutes(eta_s)),
    drawing(in_time ? TICK : CROSS, SIZE, { class: "mark" }),
    ...(in_time ? [] : [h("span", { class: "small" }, () => t("late"))]),
  );
}

/** Minutes and seconds within the hour; later nobody counts seconds. */
function waited(seconds: number): string {
  if (seconds < 3600) return minutes(seconds);
  const hours = Math.floor(seconds / 3600);
  return hours < 48 ? t("hours", { n: hours }) : t("days", { n: Math.floor(hours / 24) });
}
