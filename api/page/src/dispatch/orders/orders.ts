// The orders under way, as far as they have come; first those that nobody answers.

import "./orders.css";
import type { Session, Town } from "../../contract";
import { h } from "../../dom";
import { nameOf, onLanguage } from "../../language";
import type { LonLat } from "../../map/view";
import { ask, ServerError } from "../../server";
import type { KnownIncident } from "../nearest/ordering";
import { Rereading } from "../rereading";
import { t } from "./texts";

const AGAIN_MS = 5_000;
const SOON_MS = 300;
const TICK_MS = 1_000;
const TOUCHES = ["orders", "incidents"];
const WAITING = ["sent", "delivered", "seen"];
const SHOWN = 12;

type Channel = "page" | "sms" | "dingtalk" | "wecom" | "voice" | "desk";

interface Order {
  id: number;
  incident: number;
  number: string | null;
  title: string | null;
  category: string;
  label: string;
  state: "sent" | "delivered" | "seen" | "accepted" | "arrived" | "reported";
  revision: number;
  lon: number;
  lat: number;
  ordered_at: string;
  accepted_at: string | null;
  arrived_at: string | null;
  told: { channel: Channel; failed_at: string | null }[];
}

interface Options {
  town: Town;
  session: Session;
  onLookAt: (at: LonLat, incident: KnownIncident) => void;
}

export class OrdersPanel {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #rows = h("ul", { class: "orders" });
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  readonly #rereading = new Rereading(() => this.refresh(), AGAIN_MS);
  #orders: readonly Order[] = [];
  #sure: number | null = null;
  #stopped = true;

  constructor(options: Options) {
    this.#options = options;
    this.element = h(
      "section",
      { class: "orders-panel", hidden: true },
      h("h2", {}, () => t("title")),
      this.#fault,
      this.#rows,
    );
    onLanguage(() => this.#draw());
    window.setInterval(() => this.#tick(), TICK_MS);
  }

  /** Something has changed in some layers, or in any. */
  changed(touched: ReadonlySet<string> | null): void {
    if (!this.#stopped && (!touched || TOUCHES.some((id) => touched.has(id)))) this.#rereading.within(SOON_MS);
  }

  /** Read the orders; again and again, unless they are not for this visitor. */
  async refresh(): Promise<void> {
    this.#stopped = false;
    try {
      this.#take((await ask<{ orders: Order[] }>("/api/orders?active=true")).orders);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#stopped = error.status === 401 || error.status === 403;
    }
    if (!this.#stopped) this.#rereading.again();
  }

  /** Rows stay as they are, under a finger or a reader, as long as nothing is new. */
  #take(orders: readonly Order[]): void {
    const isNew = JSON.stringify(orders) !== JSON.stringify(this.#orders);
    this.#orders = orders;
    if (isNew) this.#draw();
  }

  #draw(): void {
    const urgency = (order: Order) => (isDesks(order) ? 0 : WAITING.includes(order.state) ? 1 : 2);
    const inOrder = [...this.#orders].sort((a, b) => urgency(a) - urgency(b) || a.ordered_at.localeCompare(b.ordered_at));
    this.element.hidden = inOrder.length === 0;
    const held = heldIn(this.#rows);
    this.#rows.replaceChildren(...inOrder.slice(0, SHOWN).map((order) => this.#row(order)));
    if (held) this.#rows.querySelector<HTMLElement>(held)?.focus();
  }

  /** Seconds count on between two readings. */
  #tick(): void {
    if (document.hidden || this.element.hidden) return;
    for (const order of this.#orders) {
      const place = this.#rows.querySelector(`[data-order="${order.id}"] .number`);
      if (place) place.textContent = stands(order);
    }
  }

  /** What somebody was sent to: by number, title, or kind. */
  #what({ number, title, category }: Order): string {
    const known = this.#options.town.categories.find(({ code }) => code === category);
    const name = title ?? (known ? nameOf(known) : category);
    return number ? `${name} · ${number}` : name;
  }

  #row(order: Order): HTMLElement {
    const waiting = WAITING.includes(order.state);
    const tone = isDesks(order) ? "desk" : waiting ? "waiting" : "going";
    const look = () => this.#options.onLookAt([order.lon, order.lat], { id: order.incident, name: () => this.#what(order) });
    return h(
      "li",
      { class: "order", "data-tone": tone, "data-order": order.id },
      h("button", { type: "button", class: "quiet order-place", "data-act": "look", title: t("look"), onclick: look }, `${order.label} → ${this.#what(order)}`),
      h("span", { class: "number" }, stands(order)),
      isDesks(order) ? h("p", { class: "order-alarm", role: "alert" }, alarm(order)) : null,
      waiting ? this.#hands(order) : null,
    );
  }

  #hands(order: Order): HTMLElement {
    const withdraw = () => {
      if (this.#sure === order.id) return void this.#act(order, "withdraw");
      this.#sure = order.id;
      this.#draw();
    };
    const withdrawal = t(this.#sure === order.id ? "withdrawSure" : "withdraw");
    return h(
      "div",
      { class: "entry-row" },
      isDesks(order) ? h("button", { type: "button", class: "primary", "data-act": "accept", onclick: () => void this.#act(order, "accept") }, t("acceptFor")) : null,
      h("button", { type: "button", "data-act": "withdraw", "aria-label": `${withdrawal} ${order.label}`, onclick: withdraw }, withdrawal),
    );
  }

  async #act({ id, revision }: Order, action: "accept" | "withdraw"): Promise<void> {
    this.#sure = null;
    this.#fault.hidden = true;
    try {
      await ask(`/api/orders/${id}/${action}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": this.#options.session.csrf_token ?? "" },
        body: JSON.stringify({ revision }),
      });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#fault.textContent = error.message;
      this.#fault.hidden = false;
    }
    await this.refresh();
  }
}

/** Whether the platform has done what it can, and a dispatcher has to. */
function isDesks({ state, told }: Order): boolean {
  return WAITING.includes(state) && told.some(({ channel }) => channel === "desk");
}

function alarm({ label, told }: Order): string {
  const tried = told.filter(({ channel }) => channel !== "desk").map(({ channel }) => t(channel));
  if (!tried.length) return t("unreachable", { label });
  return `${t("unanswered")} (${t("tried", { channels: tried.join("、") })})`;
}

function stands(order: Order): string {
  return t("since", { state: t(order.state), elapsed: elapsed(order) });
}

/** Which button of which order the keyboard is on; rows are made anew under it. */
function heldIn(rows: HTMLElement): string | null {
  const held = document.activeElement;
  const order = held?.closest<HTMLElement>("[data-order]");
  if (!(held instanceof HTMLElement) || !order || !rows.contains(held)) return null;
  return `[data-order="${order.dataset.order}"] [data-act="${held.dataset.act}"]`;
}

function elapsed({ ordered_at, accepted_at, arrived_at }: Order): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(arrived_at ?? accepted_at ?? ordered_at)) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
