// A file becomes a draft; a dirty one is shown fault by fault, and cleaned up to a width that the
// user names.

import { h } from "../../dom";
import { ServerError } from "../../server";
import { importFile, type FaultyFile, type FlawProperties, type Imported } from "../files-server";
import { tf, type FileTextKey } from "../files-texts";
import type { Feature, Geometry } from "geojson";
import type { GridMap } from "../map/view";
import { boxOf } from "../model/plane";
import { placesOf } from "./faults";
import { field, rowButton, section, textInput } from "./rows";

const CRSS = ["EPSG:4490", "EPSG:4549", "EPSG:4326", "gcj02", "bd09"] as const;
const LEVELS = ["villages", "grids", "micro-grids"] as const;
const CLOSE = 20;
/** The server calls nothing wider a sliver; so far apart, numbers may mean something else. */
const WIDEST_SLIVER_M = 10;

type Flaw = Feature<Geometry, FlawProperties>;

export class ImportForm {
  readonly element: HTMLElement;
  readonly #map: GridMap;
  readonly #onOpen: (draft: number) => void;
  readonly #file = h("input", { type: "file", id: "import-file", required: true, accept: ".gpkg,.zip,.geojson,.json,.dxf" });
  readonly #crs = textInput("", { id: "import-crs", list: "import-crs-known", placeholder: () => tf("fileCrsOwn") });
  readonly #level = optional("import-level", "levelOwn", LEVELS);
  readonly #width = h("input", { type: "number", id: "import-clean", min: 0, max: 100, step: "any" });
  readonly #name = textInput("", { id: "import-name" });
  readonly #result = h("div", { id: "import-result", role: "status" });
  readonly #begin = h("button", { type: "submit", class: "primary wide" }, () => tf("importNow"));

  #isDrawn = false;

  constructor(map: GridMap, onOpen: (draft: number) => void) {
    this.#map = map;
    this.#onOpen = onOpen;
    const known = CRSS.map((value) => h("option", { value }, () => tf(value)));
    const form = h(
      "form",
      { class: "begin", onsubmit: (event: SubmitEvent) => void this.#send(event) },
      field(() => tf("file"), this.#file),
      field(() => tf("fileCrs"), this.#crs),
      h("datalist", { id: "import-crs-known" }, ...known),
      field(() => tf("level"), this.#level),
      field(() => tf("cleanWidth"), this.#width),
      field(() => tf("draftName"), this.#name),
      this.#begin,
    );
    this.element = section(() => tf("import"), form, this.#result);
  }

  /** Take the faults off the map. */
  leave(): void {
    if (this.#isDrawn) this.#map.set("marks", []);
    this.#isDrawn = false;
  }

  async #send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const file = this.#file.files?.[0];
    if (!file) return;
    this.#result.replaceChildren(h("p", {}, () => tf("importing")));
    this.leave();
    this.#begin.disabled = true;
    const [crs, level, clean, name] = [this.#crs, this.#level, this.#width, this.#name].map(({ value }) => value.trim());
    try {
      this.#tell(await importFile(file, { crs: crs ?? "", level: level ?? "", clean: clean ?? "", name: name ?? "" }));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#refuse(error);
    } finally {
      this.#begin.disabled = false;
    }
  }

  #tell({ draft, notes, ...numbers }: Imported): void {
    const words = () => (draft === null ? tf("noChange") : tf("imported", numbers));
    this.#result.replaceChildren(h("p", { class: "sound" }, words), ...notes.map((note) => h("p", { class: "small" }, note)));
    if (draft !== null) this.#onOpen(draft);
  }

  #refuse(error: ServerError): void {
    const { faults, ...rest } = (error.answer ?? {}) as Partial<FaultyFile>;
    if (!faults) {
      this.#result.replaceChildren(h("p", { class: "fault", role: "alert" }, error.message));
      return;
    }
    const [n, width] = [rest.fault_count ?? faults.features.length, rest.clean_width_m ?? 0];
    const listed = faults.features.length;
    this.#result.replaceChildren(
      h("p", { class: "fault", role: "alert" }, () => tf("flaws", { n })),
      h("p", { class: "small" }, () => tf(width > WIDEST_SLIVER_M ? "tooWide" : "cleanHint", { width })),
      ...(listed < n ? [h("p", { class: "small" }, () => tf("flawsMore", { n: listed }))] : []),
      h("ul", { class: "rows" }, ...faults.features.map((flaw) => this.#row(flaw))),
    );
    this.#map.set("marks", faults.features.flatMap(marksOf));
    this.#isDrawn = true;
    const [first] = faults.features;
    if (first) this.#look(first);
  }

  #row(flaw: Flaw): HTMLElement {
    const { kind, units, width_m, area_m2 } = flaw.properties;
    const size = () => (area_m2 ? tf("flawSize", { width: width_m, area: area_m2 }) : "");
    return rowButton(
      () => this.#look(flaw),
      h("span", { class: "row-main" }, h("b", {}, () => tf(`flaw_${kind}`)), h("span", { class: "small" }, units), h("span", { class: "small" }, size)),
    );
  }

  #look(flaw: Flaw): void {
    this.#map.fit(boxOf([...placesOf(flaw.geometry), flaw.properties.place]), CLOSE);
  }
}

/** A sliver is too narrow to be seen from afar: its place is marked too. */
function marksOf({ geometry, properties }: Flaw): Feature[] {
  const place: Geometry = { type: "Point", coordinates: properties.place };
  return [geometry, place].map((each) => ({ type: "Feature", geometry: each, properties: {} }));
}

function optional(id: string, none: FileTextKey, values: readonly FileTextKey[]): HTMLSelectElement {
  const own = h("option", { value: "" }, () => tf(none));
  return h("select", { id }, own, ...values.map((value) => h("option", { value }, () => tf(value))));
}
