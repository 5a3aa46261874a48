// The one way in which a panel asks: busy while it lasts, the newest question wins, faults in words.

import { h } from "../dom";
import { t } from "../language";
import { ServerError } from "../server";

export class Asker {
  #asking: AbortController | null = null;

  /** @param place where answers, and why there is none, are shown. */
  constructor(readonly place: HTMLElement) {}

  /** Ask, then show; a question asked in the meantime makes this one moot. */
  async ask<Answer>(
    question: (signal: AbortSignal) => Promise<Answer>,
    show: (answer: Answer) => void,
  ): Promise<void> {
    this.stop();
    const asking = (this.#asking = new AbortController());
    this.place.setAttribute("aria-busy", "true");
    try {
      const answer = await question(asking.signal);
      if (asking === this.#asking) show(answer);
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof ServerError)) throw error;
      this.#fail(error.message, () => void this.ask(question, show));
    } finally {
      if (asking === this.#asking) this.place.removeAttribute("aria-busy");
    }
  }

  /** Forget the question that is under way. */
  stop(): void {
    this.#asking?.abort();
    this.#asking = null;
    this.place.removeAttribute("aria-busy");
  }

  #fail(why: string, again: () => void): void {
    this.place.replaceChildren(
      h("p", { class: "fault", role: "alert" }, why),
      h("button", { type: "button", onclick: again }, () => t("retry")),
    );
  }
}
