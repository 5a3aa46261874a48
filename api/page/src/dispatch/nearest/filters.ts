// Only some of the responders: by how they travel, by department.

import type { Mode, Town } from "../../contract";
import { h } from "../../dom";
import { nameOf, t as page } from "../../language";
import { t } from "./words";

const MODES: readonly Mode[] = ["foot", "ebike", "car", "emergency"];

export class Filters {
  readonly element: HTMLElement;
  readonly #mode: HTMLSelectElement;
  readonly #department: HTMLSelectElement;

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
    this.element = h("div", { class: "entry-row filters" }, this.#department, this.#mode);
  }

  asked(): { mode?: Mode; departments?: string[] } {
    const mode = this.#mode.value as Mode | "";
    const department = this.#department.value;
    return { ...(mode && { mode }), ...(department && { departments: [department] }) };
  }
}
