// Only who has what it takes: licences, training, languages, equipment. All that are ticked are needed.

import type { Skill, Town } from "../../contract";
import { h, live } from "../../dom";
import { nameOf } from "../../language";
import { t } from "./words";

const KINDS = ["licence", "training", "language", "equipment"] as const;

export class SkillChoice {
  readonly element: HTMLElement;
  readonly #skills: readonly Skill[];
  readonly #wanted = new Set<string>();
  readonly #said = h("span", { class: "skills-said" });
  readonly #none: HTMLElement;
  readonly #onChange: () => void;

  constructor({ skills }: Town, onChange: () => void) {
    this.#skills = skills;
    this.#onChange = onChange;
    this.#none = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.#drop() }, () => t("noSkills"));
    const groups = KINDS.map((kind) => this.#group(kind)).filter((group) => group !== null);
    this.element = h(
      "details",
      { class: "ticks skills", hidden: !skills.length },
      h("summary", {}, h("span", {}, () => t("skills")), this.#said),
      ...groups,
      this.#none,
    );
    live(this.#said, () => this.#say());
  }

  /** Codes of the skills that are needed. */
  asked(): string[] {
    return [...this.#wanted];
  }

  #group(kind: (typeof KINDS)[number]): HTMLElement | null {
    const skills = this.#skills.filter((each) => each.kind === kind);
    if (!skills.length) return null;
    return h("fieldset", {}, h("legend", {}, () => t(`skills_${kind}`)), ...skills.map((each) => this.#tick(each)));
  }

  #tick(skill: Skill): HTMLElement {
    const turn = (event: Event) => {
      if ((event.target as HTMLInputElement).checked) this.#wanted.add(skill.code);
      else this.#wanted.delete(skill.code);
      this.#changed();
    };
    return h(
      "label",
      { class: "tick" },
      h("input", { type: "checkbox", value: skill.code, onchange: turn }),
      h("span", {}, () => nameOf(skill)),
    );
  }

  #drop(): void {
    for (const box of this.element.querySelectorAll("input")) box.checked = false;
    this.#wanted.clear();
    this.#changed();
  }

  #changed(): void {
    this.#say();
    this.#onChange();
  }

  #say(): void {
    const wanted = this.#skills.filter(({ code }) => this.#wanted.has(code));
    this.#said.textContent = wanted.length ? wanted.map(nameOf).join(t("and")) : t("everySkill");
    this.#said.toggleAttribute("data-some", wanted.length > 0);
    this.#none.hidden = !wanted.length;
  }
}
