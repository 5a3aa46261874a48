// Notes pinned on the draft, by its editors and by whoever holds its link.

import { h } from "../../dom";
import { coordinates, moment } from "../../format";
import { recall, remember } from "../../memory";
import { ServerError } from "../../server";
import type { Comments, Link, Place } from "../contract";
import { pointFeature } from "../map/features";
import type { GridMap } from "../map/view";
import type { DraftServer } from "../server";
import { t } from "../texts";
import { button, field, rowButton, section, textInput } from "./rows";

/** What the panel asks and tells of one draft. */
export interface CommentDesk {
  read(): Promise<Comments>;
  send(place: Place, text: string, nickname: string): Promise<void>;
  /** Links are given by those who draft. */
  links: { read(): Promise<Link[]>; add(label: string): Promise<string>; end(id: number): Promise<void> } | null;
}

interface Options {
  map: GridMap | null;
  timeZone: string;
  onPin: () => void;
}

const CLOSE = 17.5;

export class CommentsPanel {
  readonly element = h("div", { class: "comments" });
  readonly #options: Options;
  readonly #list = h("ul", { class: "rows" });
  readonly #form = h("div", {});
  readonly #share = h("div", {});
  readonly #fault = h("p", { class: "fault", role: "alert" });
  #desk: CommentDesk | null = null;

  constructor(options: Options) {
    this.#options = options;
    const pin = button(() => t("pinComment"), options.onPin, { class: "primary wide" });
    this.element.append(pin, this.#form, this.#fault, this.#list, this.#share);
  }

  async open(desk: CommentDesk): Promise<void> {
    this.#desk = desk;
    this.#form.replaceChildren();
    this.#share.replaceChildren(...(desk.links ? [this.#sharing(desk.links)] : []));
    await this.#read();
  }

  /** Write a note on a place. */
  begin(place: Place): void {
    this.#options.map?.set("marks", [pointFeature(place, { mark: "sketch" })]);
    const text = h("textarea", { id: "comment-text", rows: 3, maxlength: 1000, required: true });
    // Who comes by a link is known by nothing else.
    const required = !this.#desk?.links;
    const nickname = textInput(recall("nickname") ?? "", { id: "comment-nickname", maxlength: "40", required });
    const send = async (event: SubmitEvent) => {
      event.preventDefault();
      remember("nickname", nickname.value.trim());
      const sent = await this.#try(() => this.#desk?.send(place, text.value.trim(), nickname.value.trim()));
      if (!sent) return;
      this.#form.replaceChildren();
      this.#options.map?.set("marks", []);
      await this.#read();
    };
    const form = h(
      "form",
      { class: "unit-form", onsubmit: (event: SubmitEvent) => void send(event) },
      h("p", { class: "small" }, () => t("placeChosen", { place: coordinates(...place) })),
      field(() => t("commentText"), text),
      field(() => t(required ? "nicknameRequired" : "nickname"), nickname),
      h("button", { type: "submit", class: "primary" }, () => t("sendComment")),
    );
    this.#form.replaceChildren(form);
    text.focus();
  }

  async #read(): Promise<void> {
    await this.#try(async () => {
      const comments = (await this.#desk?.read()) ?? { type: "FeatureCollection", features: [] };
      const rows = comments.features.map((each) => this.#row(each));
      this.#list.replaceChildren(...(rows.length ? rows : [h("li", { class: "small" }, () => t("noComments"))]));
    });
  }

  #row({ geometry, properties }: Comments["features"][number]): HTMLElement {
    const place = geometry.coordinates as Place;
    const { map, timeZone } = this.#options;
    const look = () => {
      map?.set("marks", [pointFeature(place, { mark: "sketch" })]);
      map?.fit([...place, ...place], CLOSE);
    };
    const who = () => properties.nickname || t("anonymous");
    return rowButton(
      look,
      h(
        "span",
        { class: "row-main" },
        h("span", {}, properties.text),
        h("span", { class: "small" }, () => `${who()} · ${moment(properties.at, timeZone)}`),
      ),
    );
  }

  #sharing(links: NonNullable<CommentDesk["links"]>): HTMLElement {
    const label = textInput("", { id: "link-label", required: true });
    const made = h("div", { class: "made", role: "status" });
    const list = h("ul", { class: "moved" });
    const read = () => this.#try(async () => list.replaceChildren(...(await links.read()).map((link) => row(link))));
    const row = (link: Link) =>
      h(
        "li",
        {},
        h("b", {}, link.label),
        h("span", { class: "small" }, moment(link.expires, this.#options.timeZone)),
        button(() => t("endLink"), () => void this.#try(() => links.end(link.id)).then(read), { class: "quiet" }),
      );
    const add = async (event: SubmitEvent) => {
      event.preventDefault();
      await this.#try(async () => made.replaceChildren(shown(await links.add(label.value.trim()))));
      await read();
    };
    void read();
    return section(
      () => t("share"),
      h("form", { class: "begin", onsubmit: (event: SubmitEvent) => void add(event) }, field(() => t("shareLabel"), label), h("button", { type: "submit" }, () => t("makeLink"))),
      made,
      list,
    );
  }

  async #try(act: () => Promise<unknown> | undefined): Promise<boolean> {
    try {
      this.#fault.textContent = "";
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#fault.textContent = error.message;
      return false;
    }
  }
}

/** What is asked and told of a draft by those who draft. */
export function deskOf(server: DraftServer, id: number): CommentDesk {
  return {
    read: () => server.comments(id),
    send: (place, text, nickname) => server.comment(id, place, text, nickname),
    links: {
      read: async () => (await server.links(id)).links,
      add: async (label) => (await server.addLink(id, label)).token,
      end: (link) => server.endLink(id, link),
    },
  };
}

/** A new link, to be copied. */
function shown(token: string): HTMLElement {
  const link = `${location.origin}/grids#shared=${encodeURIComponent(token)}`;
  const input = textInput(link, { readonly: true, "aria-label": () => t("share") });
  const copy = button(() => t("copy"), () => {
    input.select();
    void navigator.clipboard?.writeText(link).then(() => (copy.textContent = t("copied")));
  });
  return h("div", {}, h("p", { class: "small" }, () => t("linkOnce")), h("div", { class: "entry-row" }, input, copy));
}
