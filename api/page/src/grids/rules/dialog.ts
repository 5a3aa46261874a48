// The dialog of the town's rules: what each says, its default, and who changed what.

import type { Town } from "../../contract";
import { h } from "../../dom";
import { ServerError } from "../../server";
import { button } from "../panels/rows";
import type { DraftServer } from "../server";
import type { Rules, RulesDocument } from "./contract";
import { RulesForm } from "./form";
import { RulesLog } from "./log";
import { readRuleLog, readRules } from "./server";
import { t } from "./texts";

interface Options {
  town: Town;
  server: DraftServer;
  /** The bands are others now: what is weighed by them is weighed anew. */
  onSaved: () => void;
}

export class RulesDialog {
  readonly element: HTMLDialogElement;
  readonly #options: Options;
  readonly #content = h("div", { class: "rules-content" });
  readonly #said = h("p", { class: "said", role: "status" });
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });

  constructor(options: Options) {
    this.#options = options;
    const close = () => this.element.close();
    this.element = h(
      "dialog",
      { class: "rules", "aria-labelledby": "rules-title" },
      h("header", {}, h("h2", { id: "rules-title" }, () => t("title")), button(() => t("close"), close, { class: "quiet" })),
      this.#content,
    );
  }

  /** Read the rules and show them. */
  async open(): Promise<void> {
    if (!this.element.isConnected) document.body.append(this.element);
    this.#said.replaceChildren();
    this.element.showModal();
    await this.#try(async () => this.#show(await readRules()));
  }

  #show(document: RulesDocument): void {
    const { town } = this.#options;
    const form = new RulesForm(document, town.code, (rules) => void this.#save(form, rules));
    const log = new RulesLog({ timeZone: town.time_zone, defaults: document.defaults, readMore: readRuleLog });
    const { changes } = document;
    log.show({ changes, next: null });
    const note = document.may_set ? [] : [h("p", { class: "note" }, () => t("onlyAdministrator"))];
    this.#content.replaceChildren(h("p", { class: "small" }, () => t("why")), ...note, form.element, this.#said, this.#fault, log.element);
    // What the document holds are the last ones; whether there are more says the log itself.
    void readRuleLog().then((page) => log.show(page)).catch(() => null);
  }

  async #save(form: RulesForm, rules: Rules): Promise<void> {
    if (!form.isChanged) {
      this.#said.replaceChildren(h("span", {}, () => t("nothingChanged")));
      return;
    }
    await this.#try(async () => {
      const document = await this.#options.server.settleRules(rules);
      this.#show(document);
      this.#said.replaceChildren(h("span", {}, () => t("saved")));
      this.#options.onSaved();
    }, form);
  }

  async #try(act: () => Promise<void>, form?: RulesForm): Promise<void> {
    this.#fault.hidden = true;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      const { fields = {} } = (error.answer ?? {}) as { fields?: Record<string, string> };
      if (form?.refuse(fields)) return;
      this.#fault.textContent = error.message;
      this.#fault.hidden = false;
      if (!this.#fault.isConnected) this.#content.append(this.#fault);
    }
  }
}
