// Over the map: what was refused and where, and which steps wait for the server.

import { h } from "../../dom";
import type { Order, Place } from "../contract";
import type { Outcome, Waiting } from "../draft";
import { kindWords, t } from "../texts";
import { button } from "./rows";

interface Options {
  onRetry: () => void;
  onGiveUp: () => void;
}

export class Messages {
  readonly element = h("div", { class: "messages" });
  readonly #refusal = h("div", { role: "alert" });
  readonly #waiting = h("div", { role: "status" });
  readonly #outcome = h("div", { role: "status" });
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
    this.element.append(this.#waiting, this.#outcome, this.#refusal);
  }

  /** Say why something was refused; `look` zooms to the place. */
  refuse(words: string, place: Place | null = null, look: ((place: Place) => void) | null = null): void {
    const zoom = place && look ? [button(() => t("zoomTo"), () => look(place))] : [];
    this.#refusal.replaceChildren(h("p", { class: "notice refusal" }, h("span", {}, words), ...zoom, this.#dismiss()));
  }

  /** Say what has become of the steps that waited. */
  tell({ landed, sent }: Outcome): void {
    const words = () => [saying("retry_landed", landed), saying("retry_sent", sent)].join("");
    if (landed.length + sent.length) this.#outcome.replaceChildren(h("p", { class: "notice" }, h("span", {}, words), this.#dismiss()));
  }

  clear(): void {
    this.#refusal.replaceChildren();
    this.#outcome.replaceChildren();
  }

  wait(waiting: Waiting): void {
    if (!waiting) {
      this.#waiting.replaceChildren();
      return;
    }
    const { why, orders } = waiting;
    const line = h(
      "p",
      { class: "notice waiting" },
      h("span", {}, () => t(`waiting_${why}`, { n: orders.length, what: kindsOf(orders) })),
      ...(why === "signed_out" ? [h("a", { class: "button", href: "/login", target: "_blank" }, () => t("signIn"))] : []),
      button(() => t("retry"), this.#options.onRetry, { class: "primary" }),
      button(() => t("giveUp"), this.#options.onGiveUp),
    );
    this.#waiting.replaceChildren(line);
  }

  #dismiss(): HTMLElement {
    return button(() => "✕", () => this.clear(), { class: "quiet", "aria-label": t("dismiss") });
  }
}

function saying(words: "retry_landed" | "retry_sent", orders: readonly Order[]): string {
  return orders.length ? t(words, { n: orders.length, what: kindsOf(orders) }) : "";
}

/** What some steps do, in words. */
function kindsOf(orders: readonly Order[]): string {
  return [...new Set(orders.map(({ kind }) => kindWords(kind)))].join(t("listComma"));
}
