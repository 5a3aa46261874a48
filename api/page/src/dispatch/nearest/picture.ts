// What the map shows of an answer: the point asked about, routes, pins, and what is only supposed.

import type { NearestAnswer } from "../../contract";
import { NOTHING } from "../../map/styles/answers";
import { routePoints, routesOf } from "../../map/routes";
import type { LonLat, MapView, Pin } from "../../map/view";
import { incidentPin, responderPin } from "../../panels/responders";
import type { Supposing } from "./what-if";

interface Options {
  /** The map, as soon as there is one. */
  view: () => MapView | null;
  /** Whatever shows a responder by `data-key`. */
  page: () => HTMLElement;
  /** One of the pins was pressed. */
  onPress: (key: string) => void;
}

export class NearestPicture {
  readonly #options: Options;
  #at: LonLat | null = null;
  #answer: NearestAnswer | null = null;
  #chosen: string | null = null;
  #supposing: Supposing = { isOn: false, waits: false, marks: [] };

  constructor(options: Options) {
    this.#options = options;
  }

  /** The point that is asked about. */
  get at(): LonLat | null {
    return this.#at;
  }

  /** Draw a question, and its answer as soon as it is there; null clears both. */
  show(at: LonLat | null, answer: NearestAnswer | null): void {
    this.#at = at;
    this.#answer = answer;
    this.#chosen = answer?.responders[0]?.key ?? null;
    this.#draw();
    if (at && answer) this.#options.view()?.fit([at, ...routePoints(answer.responders)]);
  }

  /** Bring one of the responders to the fore: whether that is news. */
  choose(key: string | null): boolean {
    if (!this.#at || this.#chosen === key) return false;
    this.#chosen = key;
    this.#draw();
    return true;
  }

  suppose(supposing: Supposing): void {
    this.#supposing = supposing;
    this.#draw();
  }

  #draw(): void {
    const { isOn, waits } = this.#supposing;
    const responders = this.#answer?.responders ?? [];
    const routes = this.#at ? routesOf(this.#at, responders, this.#chosen) : NOTHING;
    const view = this.#options.view();
    view?.update({ routes, isSupposed: isOn });
    view?.pin(this.#pins());
    const page = this.#options.page();
    page.toggleAttribute("data-supposed", isOn);
    page.toggleAttribute("data-waits", waits);
    for (const button of page.querySelectorAll<HTMLElement>("[data-key]")) {
      button.toggleAttribute("data-chosen", button.dataset.key === this.#chosen);
    }
  }

  #pins(): Pin[] {
    const marks = this.#supposing.marks;
    if (!this.#at) return marks;
    const responders = this.#answer?.responders ?? [];
    const pins: Pin[] = responders.map((each, i) => {
      const press = () => this.#options.onPress(each.key);
      return { at: [each.lon, each.lat], element: responderPin(each, i + 1, press), lift: -14 };
    });
    // The first over the later ones, where they crowd.
    return [{ at: this.#at, element: incidentPin() }, ...marks, ...pins.reverse()];
  }
}
