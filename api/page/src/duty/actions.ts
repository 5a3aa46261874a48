// The buttons under an order: one big next step, and the smaller ones beside it.

import { h } from "../dom";
import type { Action, Order } from "./contract";
import { isWaiting } from "./order-card";
import { t } from "./texts";

export type Act = (action: Action, reason?: string) => void;

/** What can be done with the order as it stands. */
export function actionBar(order: Order, act: Act): HTMLElement {
  const bar = h("div", { class: "duty-actions" });
  const show = (...parts: HTMLElement[]) => bar.replaceChildren(...parts);
  const choices = () => show(...buttons(order, act, ask));
  const ask = (action: Action, prompt: string, required: boolean) => {
    const send = (words: string) => {
      choices();
      act(action, words || undefined);
    };
    show(wordsForm(prompt, required, send, choices));
  };
  choices();
  return bar;
}

function buttons(order: Order, act: Act, ask: (action: Action, prompt: string, required: boolean) => void): HTMLElement[] {
  if (isWaiting(order)) {
    return [
      big("accept", () => act("accept")),
      small("decline", () => ask("decline", t("declineWhy"), false)),
    ];
  }
  if (order.state === "accepted") {
    return [big("arrive", () => act("arrive")), small("decline", () => ask("decline", t("declineWhy"), true))];
  }
  if (order.state === "arrived") {
    return [big("report", () => ask("report", t("reportWhat"), true)), small("done", () => ask("done", t("reportWhat"), true))];
  }
  return [big("done", () => ask("done", t("reallyDone"), false)), small("report", () => ask("report", t("reportWhat"), true))];
}

function big(action: Action & ("accept" | "arrive" | "report" | "done"), onclick: () => void): HTMLElement {
  return h("button", { type: "button", class: "duty-big primary", "data-action": action, onclick }, t(action));
}

function small(action: "decline" | "done" | "report", onclick: () => void): HTMLElement {
  return h("button", { type: "button", class: "duty-small", "data-action": action, onclick }, t(action));
}

function wordsForm(prompt: string, required: boolean, send: (words: string) => void, cancel: () => void): HTMLElement {
  const words = h("textarea", { rows: 3, required, maxlength: 900, "aria-label": prompt, placeholder: prompt });
  const submit = (event: Event) => {
    event.preventDefault();
    send(words.value.trim());
  };
  return h(
    "form",
    { class: "duty-words", onsubmit: submit },
    words,
    h("button", { type: "button", class: "duty-small", onclick: cancel }, t("cancel")),
    h("button", { type: "submit", class: "duty-big primary" }, t("send")),
  );
}
