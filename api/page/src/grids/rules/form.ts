// The rules as a form: each in words with its default; what is wrong is said at its field.

import { h } from "../../dom";
import type { Words } from "../../language";
import { button } from "../panels/rows";
import type { Band, BandLevel, Rules, RulesDocument } from "./contract";
import { digitsOf, exampleOf } from "./scheme";
import { t } from "./texts";

const LEVELS: readonly BandLevel[] = ["2", "3", "4"];
const MEASURES = ["min_area_m2", "min_width_m"] as const;
const WHY = { min_area_m2: "areaWhy", min_width_m: "widthWhy" } as const;

interface Rule {
  row: HTMLElement;
  fault: HTMLElement;
  inputs: HTMLInputElement[];
  /** Why what stands there can't be; null where it can. */
  judge: () => Words | null;
}

export class RulesForm {
  readonly element: HTMLFormElement;
  readonly #document: RulesDocument;
  readonly #townCode: string;
  readonly #rules = new Map<string, Rule>();

  constructor(document: RulesDocument, townCode: string, onSave: (rules: Rules) => void) {
    this.#document = document;
    this.#townCode = townCode;
    this.element = h(
      "form",
      {
        class: "rules-form",
        novalidate: true,
        onsubmit: (event: SubmitEvent) => {
          event.preventDefault();
          if (this.#isSound()) onSave(this.read());
        },
      },
      group(() => t("groupBands"), () => t("bandWhy"), ...LEVELS.map((level) => this.#band(level))),
      group(() => t("groupSizes"), null, ...MEASURES.map((name) => this.#measure(name))),
      group(() => t("groupCodes"), null, this.#scheme()),
      ...(document.may_set ? [h("button", { type: "submit", class: "primary wide" }, () => t("save"))] : []),
    );
  }

  /** The rules as they are filled in. */
  read(): Rules {
    const bands: Rules["bands"] = {};
    for (const level of LEVELS) {
      const [least, most] = this.#values(`bands.${level}`);
      if (least && most) bands[level] = [Number(least), Number(most)];
    }
    const [area, width] = MEASURES.map((name) => Number(this.#values(name)[0])) as [number, number];
    return { bands, min_area_m2: area, min_width_m: width, code_scheme: this.#values("code_scheme")[0] ?? "" };
  }

  get isChanged(): boolean {
    const { bands, ...rest } = this.read();
    const { bands: stored, ...before } = this.#document.rules;
    return JSON.stringify([sorted(bands), rest]) !== JSON.stringify([sorted(stored), before]);
  }

  /** Say what the server found, each at its field; false where it has none. */
  refuse(fields: Record<string, string>): boolean {
    const known = Object.entries(fields).filter(([name]) => this.#rules.has(name));
    for (const [name, words] of known) this.#say(name, () => words);
    this.#rules.get(known[0]?.[0] ?? "")?.inputs[0]?.focus();
    return known.length > 0;
  }

  #values(name: string): string[] {
    return this.#rules.get(name)?.inputs.map(({ value }) => value.trim()) ?? [];
  }

  /** Judge every field; the first wrong one gets the focus. */
  #isSound(): boolean {
    const wrong = [...this.#rules].filter(([name, { judge }]) => this.#say(name, judge()));
    wrong[0]?.[1].inputs[0]?.focus();
    return !wrong.length;
  }

  #say(name: string, words: Words | null): boolean {
    const rule = this.#rules.get(name);
    if (!rule) return false;
    rule.fault.hidden = !words;
    rule.fault.replaceChildren(...(words ? [h("span", {}, words)] : []));
    for (const input of rule.inputs) input.setAttribute("aria-invalid", String(words !== null));
    return words !== null;
  }

  #band(level: BandLevel): HTMLElement {
    const { rules, defaults, limits } = this.#document;
    const name = `bands.${level}`;
    const [least, most] = [0, 1].map((i) => this.#input(`${name}.${i}`, rules.bands[level]?.[i], () => t(i ? "most" : "least"))) as [HTMLInputElement, HTMLInputElement];
    const judge = () => {
      const [low, high] = this.#values(name) as [string, string];
      if (!low && !high && !defaults.bands[level]) return null;
      if (!low || !high) return () => t("faultBoth");
      return notWithin(low, limits.households) ?? notWithin(high, limits.households) ?? (Number(high) < Number(low) ? () => t("faultOrder") : null);
    };
    const standard = () => bandWords(defaults.bands[level]);
    const fields = h("span", { class: "band-fields" }, least, " – ", most, " ", h("span", {}, () => t("households")));
    const back = () => this.#put(name, defaults.bands[level]?.map(String) ?? ["", ""]);
    return this.#rule(name, () => t(`band_${level}`), null, { fields, inputs: [least, most], judge, standard, back });
  }

  #measure(name: (typeof MEASURES)[number]): HTMLElement {
    const { rules, defaults, limits } = this.#document;
    const input = this.#input(name, rules[name], () => t(name));
    const judge = () => notBetween(this.#values(name)[0] ?? "", limits[name]);
    const back = () => this.#put(name, [String(defaults[name])]);
    return this.#rule(name, () => t(name), () => t(WHY[name]), { fields: input, inputs: [input], judge, standard: () => String(defaults[name]), back });
  }

  #scheme(): HTMLElement {
    const name = "code_scheme";
    const { rules, defaults } = this.#document;
    const input = this.#input(name, rules[name], () => t(name));
    const example = () => exampleOf(digitsOf(input.value) ?? digitsOf(rules[name]) ?? [], this.#townCode);
    const why = h("p", { class: "small" }, () => t("schemeWhy", { example: example() }));
    input.addEventListener("input", () => why.replaceChildren(t("schemeWhy", { example: example() })));
    const judge = () => (digitsOf(this.#values(name)[0] ?? "") ? null : () => t("faultScheme"));
    const back = () => this.#put(name, [defaults[name]]);
    const rule = this.#rule(name, () => t(name), null, { fields: input, inputs: [input], judge, standard: () => defaults[name], back });
    rule.append(why);
    return rule;
  }

  #input(id: string, value: number | string | undefined, words: Words): HTMLInputElement {
    const isText = typeof value === "string";
    const input = h("input", {
      id: `rule-${id.replaceAll(".", "-")}`,
      type: "text",
      inputmode: isText ? "text" : "decimal",
      autocomplete: "off",
      maxlength: isText ? 60 : 12,
      "aria-label": words,
      disabled: !this.#document.may_set,
    });
    input.value = value === undefined ? "" : String(value);
    return input;
  }

  #put(name: string, values: readonly string[]): void {
    this.#rules.get(name)?.inputs.forEach((input, i) => {
      input.value = values[i] ?? "";
      input.dispatchEvent(new Event("input"));
    });
    this.#say(name, null);
  }

  #rule(
    name: string,
    title: Words,
    why: Words | null,
    how: { fields: HTMLElement; inputs: HTMLInputElement[]; judge: Rule["judge"]; standard: Words; back: () => void },
  ): HTMLElement {
    const fault = h("p", { class: "fault", role: "alert", hidden: true, id: `fault-${name.replaceAll(".", "-")}` });
    for (const input of how.inputs) {
      input.setAttribute("aria-describedby", fault.id);
      input.addEventListener("input", () => this.#say(name, null));
    }
    const reset = this.#document.may_set ? [button(() => t("reset"), how.back, { class: "quiet reset" })] : [];
    const row = h(
      "div",
      { class: "rule", "data-rule": name },
      h("div", { class: "rule-line" }, h("span", { class: "rule-title" }, title), how.fields),
      h("p", { class: "small rule-default" }, h("span", {}, () => t("byDefault", { value: how.standard() || t("noBand") })), ...reset),
      ...(why ? [h("p", { class: "small" }, why)] : []),
      fault,
    );
    this.#rules.set(name, { row, fault, inputs: how.inputs, judge: how.judge });
    return row;
  }
}

function group(title: Words, why: Words | null, ...rows: HTMLElement[]): HTMLElement {
  return h("fieldset", {}, h("legend", {}, title), ...(why ? [h("p", { class: "small" }, why)] : []), ...rows);
}

function sorted(bands: Rules["bands"]): [string, Band][] {
  return Object.entries(bands).toSorted(([one], [other]) => one.localeCompare(other));
}

export function bandWords(band: Band | undefined): string {
  return band ? `${band[0]}–${band[1]}` : "";
}

function notWithin(text: string, [least, most]: Band): Words | null {
  const isSound = /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most;
  return isSound ? null : () => t("faultWhole", { least, most: most.toLocaleString() });
}

function notBetween(text: string, [least, most]: Band): Words | null {
  const isSound = /^\d{1,9}(\.\d{1,6})?$/.test(text) && Number(text) >= least && Number(text) <= most;
  return isSound ? null : () => t("faultNumber", { least, most: most.toLocaleString() });
}
