// Over the map, as long as it shows another day than today: which, and the way back.

import { h } from "../../dom";
import type { Words } from "../../language";
import { button } from "../panels/rows";
import { t } from "./ahead-texts";

export class Banner {
  readonly element = h("div", { class: "moment-banner", role: "status", hidden: true });
  readonly #back: HTMLElement;

  constructor(onBack: () => void) {
    this.#back = button(() => t("back"), onBack);
  }

  show(when: "past" | "planned", words: Words): void {
    this.element.hidden = false;
    this.element.dataset.when = when;
    this.element.replaceChildren(h("b", {}, words), this.#back);
  }

  hide(): void {
    this.element.hidden = true;
  }
}
