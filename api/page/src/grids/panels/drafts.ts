// The drafts of the town: begin one, open one.

import { h } from "../../dom";
import { moment } from "../../format";
import { ServerError } from "../../server";
import type { Draft, DraftList } from "../contract";
import type { DraftServer } from "../server";
import { SuggestForm } from "../suggestion/form";
import type { TabId } from "../tabs";
import { t } from "../texts";
import { button, chip, field, rowButton, section, textInput } from "./rows";

interface Options {
  server: DraftServer;
  timeZone: string;
  /** On a phone drafts are looked at, none is begun. */
  mayBegin: boolean;
  onOpen: (id: number, tab?: TabId) => void;
  onList: (list: DraftList) => void;
}

export class DraftsPanel {
  readonly element = h("div", { class: "drafts" });
  readonly #options: Options;
  readonly #list = h("ul", { class: "rows" });
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  #opened: number | null = null;

  constructor(options: Options) {
    this.#options = options;
    const begin = options.mayBegin ? [this.#form(), this.#suggestForm()] : [];
    this.element.append(...begin, this.#fault, section(() => t("tabDrafts"), this.#list));
  }

  async read(): Promise<DraftList | null> {
    const list = await this.#options.server.list().catch((error: unknown) => this.#say(error));
    if (!list) return null;
    this.#fault.hidden = true;
    this.#options.onList(list);
    const rows = list.drafts.map((draft) => this.#row(draft));
    const none = h("li", { class: "small" }, () => t("noDrafts"));
    this.#list.replaceChildren(...(rows.length ? rows : [none]));
    this.mark(this.#opened);
    return list;
  }

  /** Mark the draft that is open. */
  mark(opened: number | null): void {
    this.#opened = opened;
    for (const row of this.#list.querySelectorAll<HTMLElement>("[data-draft]")) {
      const isIt = row.dataset.draft === String(opened);
      row.toggleAttribute("data-chosen", isIt);
      if (isIt) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  #form(): HTMLElement {
    const name = textInput("", { id: "draft-name", required: true, placeholder: () => t("draftNameExample") });
    const begin = async (event: SubmitEvent) => {
      event.preventDefault();
      const made = await this.#options.server.open(name.value.trim()).catch((error: unknown) => this.#say(error));
      if (!made) return;
      name.value = "";
      await this.read();
      this.#options.onOpen(made.id);
    };
    return h(
      "form",
      { class: "begin", onsubmit: (event: SubmitEvent) => void begin(event) },
      field(() => t("draftName"), name),
      h("button", { type: "submit", class: "primary" }, () => t("newDraft")),
    );
  }

  #suggestForm(): HTMLElement {
    const show = async (id: number) => {
      await this.read();
      this.#options.onOpen(id, "changes");
    };
    return new SuggestForm({ server: this.#options.server, onDraft: (id) => void show(id) }).element;
  }

  #row(draft: Draft): HTMLElement {
    const when = moment(draft.updated, this.#options.timeZone);
    const row = rowButton(
      () => this.#options.onOpen(draft.id),
      h("span", { class: "row-main" }, h("b", {}, draft.name), h("span", { class: "small" }, facts(draft, when))),
      stateChip(draft),
    );
    row.querySelector("button")?.setAttribute("data-draft", String(draft.id));
    return row;
  }

  #say(error: unknown): null {
    if (!(error instanceof ServerError)) throw error;
    this.#fault.textContent = error.message;
    this.#fault.hidden = false;
    return null;
  }
}

function facts(draft: Draft, when: string): () => string {
  const by = draft.client ? () => t("byClient", { client: draft.client ?? "" }) : () => draft.author_name ?? "";
  return () => [t("draftBy", { who: by(), when }), t("steps", { n: draft.steps })].join(" · ");
}

export function stateChip({ state }: Draft): HTMLElement {
  return chip(() => t(`state_${state}`), `state-${state}`);
}

export function openButton(onclick: () => void): HTMLElement {
  return button(() => t("openDraft"), onclick);
}
