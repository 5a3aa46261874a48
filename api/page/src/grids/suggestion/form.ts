// The button that asks for a rebalance: its progress, and a word where there is nothing to mend.

import { h } from "../../dom";
import { nameOf, pick } from "../../language";
import { ServerError } from "../../server";
import { button, field } from "../panels/rows";
import { readVillages, type DraftServer } from "../server";
import type { SuggestionJob } from "./contract";
import { namedVillages } from "./summary";
import { t } from "./texts";

const LOOK_MS = 500;

interface Options {
  server: DraftServer;
  onDraft: (id: number) => void;
}

export class SuggestForm {
  readonly element = h("div", { class: "suggest" });
  readonly #options: Options;
  readonly #begin: HTMLButtonElement;
  readonly #answer = h("div", { role: "status" });
  readonly #scope = h("select", {}, h("option", { value: "" }, () => t("wholeTown")));

  constructor(options: Options) {
    this.#options = options;
    this.#begin = button(() => t("suggest"), () => void this.#ask(), { class: "wide" });
    this.element.append(
      h("div", { class: "scope" }, field(() => t("scope"), this.#scope), this.#begin),
      h("p", { class: "small" }, () => t("suggestWhy")),
      this.#answer,
    );
    void this.#list();
  }

  /** The villages that may be chosen; without them it is the whole town. */
  async #list(): Promise<void> {
    const { features } = await readVillages().catch(() => ({ features: [] }));
    const options = features.map(({ id, properties }) => h("option", { value: String(id) }, () => nameOf(properties)));
    this.#scope.append(...options);
  }

  async #ask(): Promise<void> {
    this.#begin.disabled = true;
    try {
      this.#tell(await this.#follow(await this.#options.server.suggest(this.#scope.value ? [Number(this.#scope.value)] : [])));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#say(() => error.message, "fault");
    } finally {
      this.#begin.disabled = false;
    }
  }

  /** Ask again and again until the job has ended. */
  async #follow(begun: SuggestionJob): Promise<SuggestionJob> {
    const { server } = this.#options;
    const bar = h("progress", { max: 100, "aria-label": () => t("suggest") });
    let job = begun;
    const words = h("span", { class: "small" }, () => stage(job));
    const callOff = button(() => t("callOff"), () => void server.callOff(begun.job), { class: "quiet" });
    this.#answer.replaceChildren(h("div", { class: "under-way" }, bar, callOff, words));
    while (job.status === "accepted" || job.status === "running") {
      bar.value = job.progress;
      words.textContent = stage(job);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      job = await server.followSuggestion(begun.job);
    }
    return job;
  }

  #tell({ status, message, result }: SuggestionJob): void {
    if (status === "dismissed") this.#say(() => t("calledOff"));
    else if (!result) this.#say(() => t("failed", { why: message ?? "" }), "fault");
    else if (result.draft !== null) {
      this.#answer.replaceChildren();
      this.#options.onDraft(result.draft);
    } else {
      const [least, most] = result.summary.band;
      const { villages } = result.summary;
      this.#say(() => (villages.length ? t("nothingHelps") : t("inBand", { least, most })), "sound");
      this.#answer.append(...namedVillages(villages));
    }
  }

  #say(words: () => string, kind = "hint"): void {
    this.#answer.replaceChildren(h("p", { class: kind }, words));
  }
}

/** What the job does now; the server says it in both languages. */
function stage({ status, message }: SuggestionJob): string {
  if (status === "accepted") return t("waiting");
  const [en = "", zh = en] = (message ?? "").split(" / ");
  return pick(zh, en);
}
