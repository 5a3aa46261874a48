// Whom a closure binds: everybody, or only some ways to travel.

import type { Mode } from "../../contract";
import { h } from "../../dom";
import { t as page } from "../../language";
import { tc } from "./texts";

const MODES: readonly Mode[] = ["foot", "ebike", "car", "emergency"];

export class ModesChoice {
  readonly element: HTMLElement;
  readonly #bound = new Set<Mode>(MODES);

  constructor(onChange: () => void) {
    const turn = (mode: Mode, button: HTMLElement) => {
      // Somebody at least is bound.
      if (!this.#bound.delete(mode)) this.#bound.add(mode);
      if (!this.#bound.size) this.#bound.add(mode);
      button.setAttribute("aria-pressed", String(this.#bound.has(mode)));
      onChange();
    };
    const buttons = MODES.map((mode) =>
      h(
        "button",
        { type: "button", "aria-pressed": "true", onclick: (event: Event) => turn(mode, event.currentTarget as HTMLElement) },
        () => page(`mode_${mode}`),
      ),
    );
    this.element = h(
      "fieldset",
      { class: "closure-modes" },
      h("legend", {}, () => tc("forWhom")),
      h("div", { class: "closure-chips" }, ...buttons),
    );
  }

  /** As the server takes it: nothing where everybody is bound. */
  chosen(): { modes?: Mode[] } {
    return this.#bound.size === MODES.length ? {} : { modes: MODES.filter((mode) => this.#bound.has(mode)) };
  }
}

/** In words; empty where everybody is bound. */
export function boundInWords(modes: string | null): string {
  const bound = (modes ?? "").split(/,\s*/).filter(Boolean) as Mode[];
  if (!bound.length || bound.length === MODES.length) return "";
  return tc("onlyFor", { modes: bound.map((mode) => page(`mode_${mode}`)).join(tc("and")) });
}
