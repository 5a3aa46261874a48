// Which incidents the heat map counts: cell size, days and categories.

import type { Category, HotspotQuestion, Town } from "../contract";
import { h, live } from "../dom";
import { daysBetween, plusDays } from "../format";
import { nameOf, t, type Words } from "../language";

const RESOLUTIONS = [7, 8, 9] as const;
const PERIODS_DAYS = [30, 90, 365];
const DEFAULT_DAYS = 90;
/** So that ticking three boxes is one question. */
const PATIENCE_MS = 250;

export class HotspotFilter {
  readonly element: HTMLElement;
  readonly #onQuestion: (question: HotspotQuestion) => void;
  readonly #lastDay: string;
  readonly #from: HTMLInputElement;
  readonly #to: HTMLInputElement;
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true }, () => t("periodWrong"));
  readonly #boxes: HTMLInputElement[];
  readonly #periods: HTMLButtonElement[];
  readonly #chosen: Text;
  #resolution = 9;
  #timer = 0;

  /** The filter of a town, or null where there are no incidents to filter. */
  static of(town: Town, onQuestion: (question: HotspotQuestion) => void): HotspotFilter | null {
    const window = town.incident_window;
    return window ? new HotspotFilter(window.to, town, onQuestion) : null;
  }

  private constructor(
    lastDay: string,
    town: Town,
    onQuestion: (question: HotspotQuestion) => void,
  ) {
    this.#lastDay = lastDay;
    this.#onQuestion = onQuestion;
    const day = (value: string, words: Words) =>
      h("input", { type: "date", value, max: lastDay, "aria-label": words, onchange: this.#changed });
    this.#from = day(plusDays(lastDay, 1 - DEFAULT_DAYS), () => t("from"));
    this.#to = day(lastDay, () => t("to"));
    this.#periods = PERIODS_DAYS.map((days) => this.#period(days));
    this.#boxes = town.categories.map(({ code }) =>
      h("input", { type: "checkbox", value: code, onchange: this.#changed }),
    );
    this.#chosen = live(new Text(), (node) => (node.data = this.#categoriesInWords()));
    this.element = h(
      "form",
      { class: "filter", onsubmit: (event: Event) => event.preventDefault() },
      group("resolution", this.#resolutions()),
      group("period", h("div", { class: "segments" }, ...this.#periods), this.#days()),
      this.#fault,
      this.#categories(town),
    );
    this.#mark();
  }

  /** Say the question as it stands. */
  announce(): void {
    const question = this.#question();
    this.#fault.hidden = question.from <= question.to;
    this.#mark();
    if (question.from && question.to && question.from <= question.to) this.#onQuestion(question);
  }

  readonly #changed = (): void => {
    this.#mark();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.announce(), PATIENCE_MS);
  };

  #question(): HotspotQuestion {
    return {
      resolution: this.#resolution,
      from: this.#from.value,
      to: this.#to.value,
      categories: this.#boxes.filter((box) => box.checked).map((box) => box.value),
    };
  }

  #resolutions(): HTMLElement {
    const choices = RESOLUTIONS.map((resolution) =>
      h(
        "label",
        {},
        h("input", {
          type: "radio",
          name: "resolution",
          value: resolution,
          checked: resolution === this.#resolution,
          onchange: () => {
            this.#resolution = resolution;
            this.#changed();
          },
        }),
        h("span", {}, () => t(`resolution_${resolution}`)),
      ),
    );
    return h("div", { class: "segments", role: "radiogroup", "aria-label": () => t("resolution") }, ...choices);
  }

  #period(days: number): HTMLButtonElement {
    const choose = () => {
      this.#to.value = this.#lastDay;
      this.#from.value = plusDays(this.#lastDay, 1 - days);
      this.#changed();
    };
    return h("button", { type: "button", "data-days": days, onclick: choose }, () =>
      t("lastDays", { n: days }),
    );
  }

  #days(): HTMLElement {
    return h("div", { class: "days" }, this.#from, h("span", { "aria-hidden": "true" }, "–"), this.#to);
  }

  #categories(town: Town): HTMLElement {
    const codes = [...new Set(town.categories.map(({ department }) => department))];
    const groups = codes.map((code) => {
      const department = town.departments.find((each) => each.code === code);
      const title = () => (department ? nameOf(department) : t("otherDepartment"));
      const own = town.categories.filter((category) => category.department === code);
      const rows = own.map((category) => this.#category(category, town));
      return h("fieldset", {}, h("legend", {}, title), ...rows);
    });
    const all = h("button", { type: "button", class: "quiet", onclick: () => this.#tickNone() }, () =>
      t("allCategories"),
    );
    return h(
      "details",
      { class: "ticks categories" },
      h("summary", {}, h("span", {}, () => t("categories")), h("span", { class: "chosen" }, this.#chosen)),
      ...groups,
      all,
    );
  }

  #category(category: Category, town: Town): HTMLElement {
    const box = this.#boxes[town.categories.indexOf(category)];
    return h("label", { class: "tick" }, box, h("span", {}, () => nameOf(category)));
  }

  #tickNone(): void {
    for (const box of this.#boxes) box.checked = false;
    this.#changed();
  }

  #categoriesInWords(): string {
    const n = this.#boxes.filter((box) => box.checked).length;
    return n ? t("someCategories", { n }) : t("allCategories");
  }

  /** Show which quick choice the days amount to, and how many categories are chosen. */
  #mark(): void {
    const days = this.#to.value === this.#lastDay ? daysBetween(this.#from.value, this.#to.value) : 0;
    for (const button of this.#periods) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.days) === days));
    }
    this.#chosen.data = this.#categoriesInWords();
  }
}

function group(title: "resolution" | "period", ...content: HTMLElement[]): HTMLElement {
  return h("div", { class: "group" }, h("h2", {}, () => t(title)), ...content);
}
