// A line of news over the map, said once and dismissed by its reader.

import { h } from "../dom";
import { t, type Words } from "../language";

export class Notices {
  readonly element = h("div", { class: "notices", role: "status", "aria-live": "polite" });
  readonly #said = new Set<string>();

  /** Say something; the same `key` is not said again. */
  say(key: string, words: Words): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    const line = h("p", { class: "notice" }, h("span", {}, words));
    const dismiss = () => line.remove();
    line.append(h("button", { type: "button", class: "quiet", onclick: dismiss }, () => t("dismiss")));
    this.element.append(line);
  }
}
