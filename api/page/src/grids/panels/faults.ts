// The whole draft checked: each fault listed, and zoomed to on click.

import type { Geometry, Position } from "geojson";
import { h } from "../../dom";
import { ServerError } from "../../server";
import type { Fault, Place } from "../contract";
import type { Editor } from "../editor";
import { boxOf } from "../model/plane";
import type { DraftServer } from "../server";
import { ruleWords, t } from "../texts";
import { button, rowButton } from "./rows";

export class FaultsPanel {
  readonly element = h("div", { class: "faults" });
  readonly #editor: Editor;
  readonly #server: DraftServer;
  readonly #result = h("div", { role: "status" });
  readonly #button: HTMLButtonElement;
  #revision: number | null = null;

  constructor(editor: Editor, server: DraftServer) {
    this.#editor = editor;
    this.#server = server;
    this.#button = button(() => t("check"), () => void this.check(), { class: "primary wide" });
    this.element.append(this.#button, this.#result);
    this.clear();
  }

  clear(): void {
    this.#revision = null;
    this.#result.replaceChildren(h("p", { class: "hint" }, () => t("notChecked")));
  }

  /** Say of a result that the draft has gone on since. */
  age(revision: number): void {
    this.#result.toggleAttribute("data-old", this.#revision !== null && revision !== this.#revision);
  }

  async check(): Promise<void> {
    if (!this.#editor.hasDraft) return;
    this.#button.disabled = true;
    try {
      const { revision, faults } = await this.#server.check(this.#editor.draft.draft.id);
      this.#revision = revision;
      this.list(faults.features);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#result.replaceChildren(h("p", { class: "fault", role: "alert" }, error.message));
    } finally {
      this.#button.disabled = false;
    }
  }

  /** List faults, and draw them. */
  list(faults: Fault[]): void {
    const drawn = faults.flatMap((fault) => (fault.geometry ? [{ ...fault, geometry: fault.geometry }] : []));
    this.#editor.map.set("marks", drawn);
    this.#result.removeAttribute("data-old");
    if (!faults.length) {
      this.#result.replaceChildren(h("p", { class: "sound" }, () => t("sound")));
      return;
    }
    const rows = faults.map((fault) => this.#row(fault));
    this.#result.replaceChildren(h("p", { class: "fault" }, () => t("faultsFound", { n: faults.length })), h("ul", { class: "rows" }, ...rows));
  }

  #row(fault: Fault): HTMLElement {
    const { rule, text, code, name } = fault.properties;
    return rowButton(
      () => this.#look(fault),
      h(
        "span",
        { class: "row-main" },
        h("b", {}, () => ruleWords(rule, text)),
        h("span", { class: "small" }, [name, code].filter(Boolean).join(" · ")),
      ),
    );
  }

  #look({ geometry, properties }: Fault): void {
    this.#editor.map.set("marks", geometry ? [{ type: "Feature", geometry, properties }] : []);
    if (geometry) this.#editor.map.fit(boxOf(placesOf(geometry)), 18.5);
    else if (properties.unit) this.#editor.zoomToUnit(properties.unit);
  }
}

/** Every place of a geometry, however deep it is nested. */
export function placesOf(geometry: Geometry): Place[] {
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(placesOf);
  return flat(geometry.coordinates as Nested);
}

type Nested = Position | Nested[];

function flat(nested: Nested): Place[] {
  return typeof nested[0] === "number" ? [nested as Place] : (nested as Nested[]).flatMap(flat);
}
