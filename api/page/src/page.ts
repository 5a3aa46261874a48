// The page put together: panels ask and list, the map draws what they found.

import type { Feature } from "geojson";
import type { HotspotAnswer, HotspotCell, Layer, NearestAnswer, Session, Town } from "./contract";
import { followChanges } from "./changes";
import { h } from "./dom";
import { t, titleOf } from "./language";
import { mapButtons } from "./map/buttons";
import { hasWebgl2 } from "./map/webgl";
import { HEAT_LAYER } from "./map/styles/registry";
import { HEAT_SOURCE } from "./map/styles/answers";
import type { Found, LonLat, MapView } from "./map/view";
import { AssignmentPanel } from "./dispatch/assignment/assignment";
import { OrdersPanel } from "./dispatch/orders/orders";
import { PlaceSearch } from "./dispatch/places/search";
import { WaitingPanel } from "./dispatch/waiting/waiting";
import { ClosuresPanel } from "./dispatch/closures/closures";
import { CoverageCard } from "./dispatch/coverage/card";
import { followKeys } from "./dispatch/keyboard";
import { NearestPicture } from "./dispatch/nearest/picture";
import type { KnownIncident } from "./dispatch/nearest/ordering";
import { t as nearestWords } from "./dispatch/nearest/words";
import { showPrices } from "./dispatch/price";
import { DispatchPanel } from "./panels/dispatch";
import { describeFeatures, nearestButton } from "./panels/feature";
import { foot } from "./panels/foot";
import { head } from "./panels/head";
import { centreOf, describeCell } from "./panels/hotspot-ranking";
import { HotspotsPanel } from "./panels/hotspots";
import { LayersPanel } from "./panels/layers";
import { mapMissing } from "./panels/missing";
import { Notices } from "./panels/notice";
import { Sheet } from "./panels/sheet";
import { readLayers } from "./server";

type TabId = "dispatch" | "hotspots" | "layers";

export class Page {
  readonly element: HTMLElement;
  readonly #town: Town;
  readonly #layers: readonly Layer[];
  readonly #hasMap: boolean;
  /** Whether this visitor may ask who is nearest. */
  readonly #mayAsk: boolean;
  readonly #ground = h("div", { class: "map" });
  readonly #stage: HTMLElement;
  readonly #notices = new Notices();
  readonly #nearest = new NearestPicture({
    view: () => this.#view,
    page: () => this.element,
    onPress: (key) => this.#lookAtResponder(key),
  });
  readonly #dispatch: DispatchPanel;
  readonly #assignment = new AssignmentPanel({ onLookAt: (at, which) => this.#askNearest(at, which) });
  readonly #waiting = new WaitingPanel({ onPick: (at, which) => this.#askNearest(at, which) });
  readonly #orders: OrdersPanel;
  readonly #closures: ClosuresPanel;
  readonly #hotspots: HotspotsPanel;
  readonly #layersPanel: LayersPanel;
  readonly #sheet: Sheet;
  readonly #coverage = new CoverageCard({
    onShow: (response) => this.#view?.update({ response }),
    onPaint: (digits) => this.#view?.paintCells(digits),
    onLookAt: (points) => this.#view?.fit(points, 14.5),
  });
  #view: MapView | null = null;
  #tab: TabId;
  #visible: ReadonlySet<string>;
  #heat: HotspotAnswer | null = null;

  constructor(town: Town, layers: readonly Layer[], session: Session) {
    this.#town = town;
    this.#layers = layers;
    this.#hasMap = hasWebgl2() && town.bounds !== null;
    this.#mayAsk = layers.some(({ id }) => id === "responders");
    // Begin with what this visitor can use.
    this.#tab = this.#mayAsk ? "dispatch" : "hotspots";
    this.#visible = new Set(layers.filter((each) => each.default_visible).map(({ id }) => id));
    this.#dispatch = new DispatchPanel({
      town,
      hasMap: this.#hasMap,
      mayAsk: this.#mayAsk,
      signedIn: session.signed_in,
      onShow: (at, answer) => this.#showNearest(at, answer),
      onSuppose: (supposing) => this.#nearest.suppose(supposing),
      onLookAt: (key) => this.#lookAtResponder(key),
    });
    this.#orders = new OrdersPanel({ town, session, onLookAt: (at, which) => this.#askNearest(at, which) });
    this.#closures = new ClosuresPanel({
      timeZone: town.time_zone,
      hasMap: this.#hasMap,
      onDraw: (closures) => this.#view?.update({ closures }),
      onFreehand: (hands) => this.#view?.drawByHand(hands),
      onLookAt: (points) => this.#view?.fit(points),
      onDrawing: () => {
        this.#sheet.scrollToTop();
        this.#view?.closePopup();
        this.#view?.update({ heatIsQuiet: this.#heatIsQuiet() });
      },
      onChanged: () => this.#dispatch.again(),
    });
    this.#hotspots = new HotspotsPanel({
      town,
      onShow: (answer) => this.#showHeat(answer),
      onLookAt: (cell) => this.#lookAtCell(cell),
    });
    this.#layersPanel = new LayersPanel({
      town,
      layers,
      hasMap: this.#hasMap,
      visible: this.#visible,
      onVisible: (visible) => this.#show(visible),
    });
    this.#sheet = new Sheet(
      head(town, session),
      [
        { id: "dispatch", title: () => t("tabDispatch"), content: this.#dispatching() },
        { id: "hotspots", title: () => t("tabHotspots"), content: this.#hotspots.element },
        { id: "layers", title: () => t("tabLayers"), content: this.#layersPanel.element },
      ],
      this.#tab,
      (tab) => this.#turnTo(tab as TabId),
    );
    const search = new PlaceSearch({
      near: () => this.#view?.center() ?? town.center,
      spot: () => this.#nearest.at,
      onChoose: (at, { label }) => this.#goTo(at, label),
    });
    this.#stage = h("main", { class: "stage" }, this.#ground, search.element, this.#notices.element, whatIfTag(), foot(town, layers));
    this.element = h("div", { class: "page" }, this.#stage, this.#sheet.element);
    followKeys({ onNumber: (n) => this.#dispatch.lookAtNth(n), onEscape: () => this.#stepBack() });
  }

  /** What nobody does stands first. */
  #dispatching(): HTMLElement {
    const panels = [this.#orders, this.#assignment, this.#dispatch].map(({ element }) => element);
    return h("div", {}, this.#waiting.element, ...panels, this.#waiting.imported, this.#closures.element);
  }

  /** Start the map, if there can be one, and the first heat map. */
  async start(): Promise<void> {
    if (this.#hasMap) await this.#startMap();
    else this.#ground.replaceChildren(mapMissing(this.#town.bounds === null ? "noBounds" : "noWebglWhy"));
    this.#hotspots.start();
    void this.#closures.refresh();
    if (this.#mayAsk) void this.#assignment.refresh();
    if (this.#layers.some(({ id }) => id === "orders")) {
      void this.#waiting.refresh();
      void this.#orders.refresh();
    }
    followChanges(
      (touched) => void this.#refresh(touched),
      (moved) => this.#view?.refresh([moved]),
    );
  }

  /** Show what has changed meanwhile: in the layers named, or in any. */
  async #refresh(touched: ReadonlySet<string> | null): Promise<void> {
    this.#coverage.changed(touched);
    if (this.#mayAsk) this.#assignment.changed(touched);
    this.#orders.changed(touched);
    this.#waiting.changed(touched);
    if (!touched || touched.has("closures")) void this.#closures.refresh();
    this.#view?.refresh(touched ?? this.#layers.map(({ id }) => id));
    this.#layersPanel.count(await readLayers().catch(() => []));
  }

  async #startMap(): Promise<void> {
    const { bounds, departments } = this.#town;
    if (!bounds) return;
    try {
      const { MapView } = await import("./map/view");
      this.#view = new MapView({
        container: this.#ground,
        bounds,
        layers: this.#layers,
        visible: this.#visible,
        departments,
        covered: this.#covered(),
        onPick: (at, found) => this.#pick(at, found),
        onZoom: (zoom) => this.#layersPanel.zoomed(zoom),
        onTrouble: (layerId) => this.#sayTrouble(layerId),
      });
    } catch (error) {
      this.#ground.replaceChildren(mapMissing("mapBroken", String(error)));
      return;
    }
    this.#stage.append(mapButtons(this.#view), ...(this.#mayAsk ? [this.#coverage.element] : []));
    if (this.#mayAsk) this.#coverage.start();
    this.#layersPanel.zoomed(this.#view.zoom());
    const measure = () => this.#view?.cover(this.#covered());
    new ResizeObserver(measure).observe(this.#sheet.element);
  }

  /** On a phone head, search box and sheet lie over the map; a column lies beside it. */
  #covered(): { top: number; bottom: number } {
    const stage = this.#stage.getBoundingClientRect();
    const sheet = this.#sheet.element.getBoundingClientRect();
    if (sheet.width < stage.width || sheet.right <= stage.left) return { top: 0, bottom: 0 };
    const top = this.#stage.querySelector(".place-field")?.getBoundingClientRect().bottom ?? 0;
    return { top, bottom: Math.min(stage.bottom - sheet.top, stage.height * 0.5) };
  }

  #turnTo(tab: TabId): void {
    this.#tab = tab;
    this.#view?.closePopup();
    this.#view?.update({ heatIsQuiet: this.#heatIsQuiet() });
  }

  /** What a click means depends on the open tab: ask who is nearest, or read what is there. */
  #pick(at: LonLat, found: Found[]): void {
    if (this.#closures.isDrawing) {
      this.#closures.click(at, found);
      return;
    }
    if (this.#tab === "dispatch" && this.#mayAsk) {
      this.#askNearest(at);
      return;
    }
    const cell = this.#tab === "hotspots" && found.find(({ layerId }) => layerId === HEAT_SOURCE);
    if (cell) this.#lookAtCell(this.#heatCell(cell.properties.h3), at);
    else {
      const cards = describeFeatures(found, this.#layers, this.#town);
      this.#view?.popup(at, h("div", { class: "popup" }, ...cards, ...this.#nearestButtons(at)));
    }
  }

  /** Fly to a place that was found, and ask who can be there first. */
  #goTo(at: LonLat, label: string): void {
    this.#view?.fit([at], 17);
    if (this.#mayAsk) this.#askNearest(at);
    else this.#view?.popup(at, h("div", { class: "popup" }, h("strong", {}, label)));
  }

  #askNearest(at: LonLat, incident: KnownIncident | null = null): void {
    this.#sheet.show("dispatch");
    this.#sheet.grow();
    this.#dispatch.pick(at, incident);
  }

  #showNearest(at: LonLat | null, answer: NearestAnswer | null): void {
    this.#nearest.show(at, answer);
    this.#view?.update({ heatIsQuiet: this.#heatIsQuiet() });
    if (answer) void showPrices(this.#dispatch.element, answer.responders);
  }

  #lookAtResponder(key: string | null): void {
    if (this.#nearest.choose(key)) this.#dispatch.lookAt(key);
  }

  /** By the key Escape: out of a drawing, or of what is only supposed. */
  #stepBack(): void {
    if (this.#closures.isDrawing) this.#closures.cancel();
    else this.#dispatch.leaveWhatIf();
  }

  /** Whoever looks at routes needs no heat map behind them. */
  #heatIsQuiet(): boolean {
    return this.#tab === "dispatch" && (this.#nearest.at !== null || this.#closures.isDrawing);
  }

  #showHeat(answer: HotspotAnswer): void {
    this.#heat = answer;
    this.#view?.closePopup();
    this.#view?.update({ heat: answer, chosenCell: null });
  }

  #heatCell(h3: unknown): HotspotCell | undefined {
    return this.#heat?.features.find(({ properties }) => properties.h3 === h3);
  }

  #lookAtCell(cell: HotspotCell | undefined, at?: LonLat): void {
    if (!cell) return;
    const centre = at ?? centreOf(cell);
    if (!this.#view) {
      if (this.#mayAsk) this.#askNearest(centre);
      return;
    }
    this.#view.update({ chosenCell: { type: "FeatureCollection", features: [cell as Feature] } });
    if (!at) this.#view.fit(cell.geometry.coordinates[0] as LonLat[], 14.5);
    const content = h("div", { class: "popup" }, describeCell(cell), ...this.#nearestButtons(centre));
    this.#view.popup(centre, content);
  }

  /** In a popup: the question who can be there first, for those who may ask it. */
  #nearestButtons(at: LonLat): HTMLElement[] {
    return this.#mayAsk ? [nearestButton(() => this.#askNearest(at))] : [];
  }

  #show(visible: ReadonlySet<string>): void {
    this.#visible = visible;
    if (!visible.has(HEAT_LAYER)) this.#view?.closePopup();
    this.#view?.update({ visible });
  }

  #sayTrouble(layerId: string | undefined): void {
    const layer = this.#layers.find(({ id }) => id === layerId);
    if (layer) this.#notices.say(layer.id, () => t("tileTrouble", { layer: titleOf(layer) }));
  }
}

/** On the map, while what it shows is only supposed. */
function whatIfTag(): HTMLElement {
  return h("p", { class: "what-if-tag", "aria-hidden": "true" }, () => nearestWords("whatIfTag"));
}
