// Which picture lies under the grids, and how strong: none until somebody chooses one.

import { h } from "../../dom";
import { pick } from "../../language";
import { readPictures } from "../files-server";
import { tf } from "../files-texts";
import type { Picture } from "../map/picture";
import type { GridMap } from "../map/view";

const GATEWAY_TIMEOUT = 504;
const FULL = 100;

export class PictureChooser {
  readonly element = h("div", { class: "picture", hidden: true });
  readonly #map: GridMap;
  readonly #onShow: () => void;
  readonly #choice = h("select", { id: "picture", onchange: () => this.#show() });
  readonly #opacity = h("input", {
    type: "range",
    id: "picture-opacity",
    min: 10,
    max: FULL,
    hidden: true,
    "aria-label": () => tf("opacity"),
    title: () => tf("opacity"),
    oninput: () => this.#show(),
  });
  readonly #note = h("p", { class: "picture-note", role: "status" });
  #pictures: Picture[] = [];

  constructor(map: GridMap, onShow: () => void) {
    this.#map = map;
    this.#onShow = onShow;
    this.#opacity.value = String(FULL);
    const label = h("label", { for: "picture" }, () => tf("picture"));
    this.element.append(h("div", { class: "picture-row" }, label, this.#choice, this.#opacity), this.#note);
    map.onPictureFault = (status) => this.#complain(status);
  }

  /** Ask what there is; where there is nothing, nothing is shown. */
  async start(): Promise<void> {
    this.#pictures = await readPictures().catch(() => []);
    const options = this.#pictures.map(({ id, title, title_en }) => h("option", { value: id }, () => pick(title, title_en)));
    this.#choice.replaceChildren(h("option", { value: "" }, () => tf("pictureNone")), ...options);
    this.element.hidden = !this.#pictures.length;
  }

  #show(): void {
    const picture = this.#pictures.find(({ id }) => id === this.#choice.value);
    this.#opacity.hidden = !picture;
    this.#map.show({ picture: picture ? { picture, opacity: Number(this.#opacity.value) / FULL } : null });
    this.#onShow();
    this.#say(picture);
  }

  #say(picture: Picture | undefined): void {
    const shifted = picture?.shift_m ? [h("strong", {}, () => tf("pictureShifted", { metres: picture.shift_m }))] : [];
    this.#note.replaceChildren(...shifted, ...(picture?.attribution ? [h("span", {}, picture.attribution)] : []));
  }

  #complain(status: number): void {
    const words = () => (status === GATEWAY_TIMEOUT ? tf("pictureSilent") : tf("pictureFails", { status }));
    if (!this.#note.querySelector(".fault")) this.#note.append(h("span", { class: "fault" }, words));
  }
}
