// Who changed which rule when, from what to what.

import { h } from "../../dom";
import { moment } from "../../format";
import { button, section } from "../panels/rows";
import { bandWords } from "./form";
import type { ChangedRow, RuleChange, RuleLog, Rules } from "./contract";
import { t } from "./texts";

const ROW = ["min_area_m2", "min_width_m", "code_scheme"] as const;

interface Options {
  timeZone: string;
  defaults: Rules;
  readMore: (before: number) => Promise<RuleLog>;
}

export class RulesLog {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #rows = h("ol", { class: "rule-log" });
  readonly #more = h("div", {});

  constructor(options: Options) {
    this.#options = options;
    this.element = section(() => t("log"), this.#rows, this.#more);
  }

  /** Show a page of the log; `next` leads to the one before it in time. */
  show({ changes, next }: RuleLog): void {
    this.#rows.replaceChildren();
    if (!changes.length) this.#rows.append(h("li", { class: "small" }, () => t("logNone")));
    this.#add({ changes, next });
  }

  #add({ changes, next }: RuleLog): void {
    this.#rows.append(...changes.map((change) => this.#row(change)));
    const more = async () => next !== null && this.#add(await this.#options.readMore(next));
    this.#more.replaceChildren(...(next === null ? [] : [button(() => t("more"), () => void more())]));
  }

  #row(change: RuleChange): HTMLElement {
    const { at, by, by_name } = change;
    const who = () => by_name ?? (by === null ? t("operator") : t("unknown", { id: by }));
    const lines = this.#differences(change).map((words) => h("span", {}, words));
    return h("li", {}, h("b", {}, who), " ", h("span", { class: "small" }, moment(at, this.#options.timeZone)), ...lines);
  }

  #differences({ before, after }: RuleChange): (() => string)[] {
    const level = after?.level ?? before?.level;
    if (level) {
      const key = `band_${level as 2 | 3 | 4}` as const;
      return [() => t("changedBand", { unit: t(key), before: this.#band(before, level), after: this.#band(after, level) })];
    }
    const { defaults } = this.#options;
    return ROW.flatMap((name) => {
      const [was, is] = [before?.[name] ?? defaults[name], after?.[name] ?? defaults[name]];
      return was === is ? [] : [() => t(`changed_${name}`, { before: was, after: is })];
    });
  }

  #band(row: ChangedRow | null, level: number): string {
    if (row?.least && row.most) return bandWords([row.least, row.most]);
    return bandWords(this.#options.defaults.bands[`${level as 2 | 3 | 4}`]) || t("noBand");
  }
}
