// The layers of the catalogue: a switch, a sample, a count, and on request the legend and the list.

import type { Layer, Town } from "../contract";
import { drawing, h, live } from "../dom";
import { count } from "../format";
import { language, pick, t, titleOf } from "../language";
import { PALETTES } from "../map/palette";
import { SIZE } from "../map/symbols";
import { styleOf, HEAT_LAYER } from "../map/styles/registry";
import type { Look } from "../map/styles/style";
import { itemsUrl } from "../server";
import { onTheme, theme } from "../theme";
import { hexagonSample, sample } from "./sample";
import type { TextKey } from "../texts";

interface Options {
  town: Town;
  layers: readonly Layer[];
  hasMap: boolean;
  visible: ReadonlySet<string>;
  onVisible: (visible: ReadonlySet<string>) => void;
}

const GROUPS: [title: TextKey, ids: string[]][] = [
  ["groupThings", []],
  ["groupDivisions", ["town", "villages", "grids", "micro-grids"]],
  ["groupGround", ["water", "buildings", "streets", "places"]],
];

export class LayersPanel {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #visible: Set<string>;
  readonly #zoomNotes: { note: HTMLElement; from: number }[] = [];
  readonly #counts = new Map<string, number | null>();
  readonly #shownCounts = new Map<string, Text>();
  #zoom = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#visible = new Set(options.visible);
    this.element = h("div", { class: "layers" });
    onTheme(() => this.#fill());
    this.count(options.layers);
    this.#fill();
  }

  /** A layer that is switched on may still need a closer look. */
  zoomed(zoom: number): void {
    this.#zoom = zoom;
    for (const { note, from } of this.#zoomNotes) note.hidden = zoom >= from;
  }

  /** Say how many features the layers have now. */
  count(layers: readonly Layer[]): void {
    for (const { id, count: known } of layers) {
      this.#counts.set(id, known);
      const shown = this.#shownCounts.get(id);
      if (shown) shown.data = this.#countOf(id);
    }
  }

  #countOf(layerId: string): string {
    const known = this.#counts.get(layerId) ?? null;
    return known === null ? "" : count(known);
  }

  #fill(): void {
    this.#zoomNotes.length = 0;
    const named = new Set(GROUPS.flatMap(([, ids]) => ids));
    const groups = GROUPS.map(([title, ids]) => {
      const own = (layer: Layer) => (ids.length ? ids.includes(layer.id) : !named.has(layer.id));
      const rows = this.#options.layers.filter(own).map((layer) => this.#row(layer));
      return h("section", {}, h("h2", {}, () => t(title)), h("ul", {}, ...rows));
    });
    const hint = this.#options.hasMap ? [h("p", { class: "hint" }, () => t("layersHint"))] : [];
    this.element.replaceChildren(...hint, ...groups);
    this.zoomed(this.#zoom);
  }

  #row(layer: Layer): HTMLElement {
    const note = h("span", { class: "small zoom-note", hidden: true }, () => t("fromZoom"));
    if (this.#options.hasMap) this.#zoomNotes.push({ note, from: layer.min_zoom });
    const details = this.#details(layer);
    const shownCount = live(new Text(), (text) => (text.data = this.#countOf(layer.id)));
    this.#shownCounts.set(layer.id, shownCount);
    return h(
      "li",
      { class: "layer", "data-layer": layer.id },
      h(
        "div",
        { class: "layer-row" },
        ...(this.#options.hasMap ? [this.#switch(layer)] : []),
        this.#wholeSample(layer),
        h(
          "span",
          { class: "layer-title" },
          h("span", {}, () => titleOf(layer)),
          ...(layer.release === "internal" ? [internalMark()] : []),
          note,
        ),
        h("span", { class: "small number" }, shownCount),
        moreButton(layer, details),
      ),
      details,
    );
  }

  #switch(layer: Layer): HTMLElement {
    return h("input", {
      type: "checkbox",
      class: "switch",
      role: "switch",
      checked: this.#visible.has(layer.id),
      "aria-label": () => t("showLayer", { layer: titleOf(layer) }),
      onchange: (event: Event) => {
        const { checked } = event.target as HTMLInputElement;
        if (checked) this.#visible.add(layer.id);
        else this.#visible.delete(layer.id);
        this.#options.onVisible(new Set(this.#visible));
      },
    });
  }

  #wholeSample(layer: Layer): Element {
    const look = this.#look();
    if (layer.id === HEAT_LAYER) return hexagonSample(look.palette.hotspots.hot_99, false);
    const first = styleOf(layer).legend(layer, look)[0];
    return first ? sample(first.sample) : h("span", {});
  }

  #details(layer: Layer): HTMLElement {
    const rows = styleOf(layer).legend(layer, this.#look()).slice(1);
    const attribution = layer.attribution;
    return h(
      "div",
      { class: "more", id: `more-${layer.id}`, hidden: true },
      h("p", { class: "small" }, () => pick(layer.description, layer.description_en)),
      h(
        "ul",
        { class: "legend" },
        ...rows.map((row) => h("li", {}, sample(row.sample), h("span", {}, row.words))),
      ),
      ...(attribution ? [h("p", { class: "small" }, () => t("attribution", { who: attribution }))] : []),
      h("a", { href: `${itemsUrl(layer.id)}?f=html` }, () => t("openList")),
    );
  }

  #look(): Look {
    const { departments } = this.#options.town;
    return { palette: PALETTES[theme()], language: language(), departments };
  }
}

function moreButton(layer: Layer, details: HTMLElement): HTMLElement {
  const button = h(
    "button",
    {
      type: "button",
      class: "icon quiet more-button",
      "aria-expanded": "false",
      "aria-controls": details.id,
      "aria-label": () => `${t("details")}: ${titleOf(layer)}`,
      onclick: () => {
        details.hidden = !details.hidden;
        button.setAttribute("aria-expanded", String(!details.hidden));
      },
    },
    drawing("M6 9l6 6 6-6", SIZE),
  );
  return button;
}

function internalMark(): HTMLElement {
  return h("span", { class: "mark-internal" }, () => t("internalLayer"));
}
