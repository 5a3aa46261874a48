// Until when: one press for what is usual, a moment by hand, or until somebody ends it.

import { h } from "../../dom";
import { moment } from "../../format";
import { tc } from "./texts";

const CHOICES = ["half", "one", "two", "today", "hand", "open"] as const;
type Choice = (typeof CHOICES)[number];
const MINUTES: Partial<Record<Choice, number>> = { half: 30, one: 60, two: 120 };

export class UntilChoice {
  readonly element: HTMLElement;
  readonly #timeZone: string;
  readonly #hand = h("input", { type: "datetime-local", hidden: true, "aria-label": () => tc("handLabel") });
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true }, () => tc("handWrong"));
  #choice: Choice = "one";

  constructor(timeZone: string) {
    this.#timeZone = timeZone;
    const buttons = CHOICES.map((choice) =>
      h("button", { type: "button", "aria-pressed": String(choice === this.#choice), onclick: () => choose(choice) }, () => tc(choice)),
    );
    const choose = (choice: Choice) => {
      this.#choice = choice;
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(CHOICES[i] === choice)));
      this.#hand.hidden = choice !== "hand";
      this.#fault.hidden = true;
    };
    this.element = h(
      "fieldset",
      { class: "closure-until" },
      h("legend", {}, () => tc("until")),
      h("div", { class: "closure-chips" }, ...buttons),
      this.#hand,
      this.#fault,
    );
  }

  /** As the server takes it; null where the moment by hand is none, which is said. */
  chosen(): { minutes?: number; ends?: string } | null {
    const minutes = MINUTES[this.#choice];
    if (minutes) return { minutes };
    if (this.#choice === "open") return {};
    const ends = this.#choice === "today" ? this.#endOfDay() : this.#inTown(this.#hand.value);
    const isToCome = ends !== null && ends.getTime() > Date.now();
    this.#fault.hidden = isToCome;
    return isToCome ? { ends: ends.toISOString() } : null;
  }

  #endOfDay(): Date | null {
    return this.#inTown(`${moment(new Date().toISOString(), this.#timeZone).slice(0, 10)}T23:59`);
  }

  /** What the town's clocks show, as an instant. */
  #inTown(local: string): Date | null {
    const asUtc = Date.parse(`${local}Z`);
    if (Number.isNaN(asUtc)) return null;
    const shown = Date.parse(`${moment(new Date(asUtc).toISOString(), this.#timeZone).replace(" ", "T")}Z`);
    return new Date(asUtc - (shown - asUtc));
  }
}
