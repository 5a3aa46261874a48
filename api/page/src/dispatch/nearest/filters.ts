// Only some of the responders: by department, by how they travel, by what they have or can do.

import type { Mode, Town } from "../../contract";
import { h } from "../../dom";
import { nameOf, t as page } from "../../language";
import type { NearestQuestion } from "./contract";
import { SkillChoice } from "./skills";
import { t } from "./words";

const MODES: readonly Mode[] = ["foot", "ebike", "car", "emergency"];

export class Filters {
  readonly element: HTMLElement;
  readonly #mode: HTMLSelectElement;
  readonly #department: HTMLSelectElement;
  readonly #skills: SkillChoice;

  constructor(town: Town, onChange: () => void) {
    this.#mode = h(
      "select",
      { "aria-label": () => t("onlyMode"), onchange: onChange },
      h("option", { value: "" }, () => t("everyMode")),
      ...MODES.map((mode) => h("option", { value: mode }, () => page(`mode_${mode}`))),
    );
    this.#department = h(
      "select",
      { "aria-label": () => t("onlyDepartment"), onchange: onChange },
      h("option", { value: "" }, () => t("everyDepartment")),
      ...town.departments.map((each) => h("option", { value: each.code }, () => nameOf(each))),
    );
    this.#skills = new SkillChoice(town, onChange);
    this.element = h("div", { class: "filters" }, h("div", { class: "entry-row" }, this.#department, this.#mode), this.#skills.element);
  }

  asked(): Pick<NearestQuestion, "mode" | "departments" | "skills"> {
    const mode = this.#mode.value as Mode | "";
    const department = this.#department.value;
    const skills = this.#skills.asked();
    return {
      ...(mode && { mode }),
      ...(department && { departments: [department] }),
      ...(skills.length && { skills }),
    };
  }
}
