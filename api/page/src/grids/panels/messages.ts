// Over the map: what was refused and where, and which steps wait for the server.

import { h } from "../../dom";
import type { Place } from "../contract";
import type { Waiting } from "../draft";
import { t } from "../texts";
import { button } from "./rows";

interface Options {
  onRetry: () => void;
  onGiveUp: () => void;
}

export class Messages {
  readonly element = h("div", { class: "messages" });
  readonly #refusal = h("div", { role: "alert" });
  readonly #waiting = h("div", { role: "status" });
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
    this.element.append(this.#waiting, this.#refusal);
  }

  /** Say why something was refused; `look` zooms to the place. */
  refuse(words: string, place: Place | null = null, look: ((place: Place) => void) | null = null): void {
    const zoom = place && look ? [button(() => t("zoomTo"), () => look(place))] : [];
    const dismiss = button(() => "✕", () => this.clear(), { class: "quiet", "aria-label": t("cancel") });
    this.#refusal.replaceChildren(h("p", { class: "notice refusal" }, h("span", {}, words), ...zoom, dismiss));
  }

  clear(): void {
    this.#refusal.replaceChildren();
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
      h("span", {}, () => t(`waiting_${why}`, { n: orders.length })),
      ...(why === "signed_out" ? [h("a", { class: "button", href: "/login", target: "_blank" }, () => t("signIn"))] : []),
      button(() => t("retry"), this.#options.onRetry, { class: "primary" }),
      button(() => t("giveUp"), this.#options.onGiveUp),
    );
    this.#waiting.replaceChildren(line);
  }
}
