// The responder's page: stands by, rings for an order, and leads through it with one thumb.

import type { Layer, Session, Town } from "../contract";
import { h } from "../dom";
import { language, onLanguage, speak, t as common } from "../language";
import { hasWebgl2 } from "../map/webgl";
import { whereIs } from "../panels/where";
import { ServerError } from "../server";
import { actionBar } from "./actions";
import { Alarm } from "./alarm";
import type { Action, Order, OrderState, OwnOrders } from "./contract";
import { DutyMap } from "./map";
import { endedCard, isWaiting, knownCard, orderCard } from "./order-card";
import { Outbox, type Errand } from "./outbox";
import { Positions, type Telling } from "./positions";
import { DutyServer } from "./server";
import { OrderStream } from "./stream";
import { t } from "./texts";

const TICK_MS = 1000;
// Also keeps the session from falling asleep under an open page.
const LOOK_AGAIN_MS = 60_000;
const BECOMES: Partial<Record<Action, OrderState>> = {
  accept: "accepted",
  arrive: "arrived",
  report: "reported",
};
const ENDS: Partial<Record<Action, OrderState>> = { decline: "declined", done: "done" };

export class DutyPage {
  readonly element = h("main", { class: "duty-page" });
  readonly #server: DutyServer;
  readonly #alarm = new Alarm();
  readonly #outbox: Outbox;
  readonly #stream: OrderStream;
  readonly #positions: Positions;
  readonly #map: DutyMap | null;
  readonly #dot = h("span", { class: "duty-dot" });
  readonly #label = h("strong", { class: "duty-label" });
  readonly #duty = h("span", {});
  readonly #notes = h("div", { class: "duty-notes", role: "status" });
  readonly #body = h("div", { class: "duty-body" });
  readonly #clock = h("p", { class: "duty-clock", role: "timer" });
  readonly #foot = h("div", { class: "duty-foot" });
  #own: OwnOrders;
  #offsetMs = 0;
  #live = false;
  #telling: Telling = "off";
  #refusal: string | null = null;
  /** In which grid a place without a name lies, of which order. */
  readonly #around = h("p", { class: "duty-around" });
  #aroundOf: number | null = null;
  #drawn = "";
  #offered = "";

  constructor(town: Town, layers: readonly Layer[], session: Session, own: OwnOrders, onEnd: () => void) {
    this.#server = new DutyServer(session);
    this.#own = own;
    this.#map = hasWebgl2() ? new DutyMap(town, layers) : null;
    this.#outbox = new Outbox(
      ({ orderId, action, reason }) => this.#server.act(orderId, action, reason),
      () => this.#draw(),
      (errand, why) => this.#refused(errand, why),
    );
    this.#stream = new OrderStream((news) => this.#take(news), (live) => this.#setLive(live), onEnd);
    this.#positions = new Positions(this.#server, (telling) => this.#tell(telling));
    this.element.append(this.#head(), this.#notes, this.#body, this.#foot);
  }

  start(): void {
    this.#take(this.#own);
    this.#stream.open();
    void this.#outbox.flush();
    window.setInterval(() => this.#tick(), TICK_MS);
    window.setInterval(() => void this.#look(), LOOK_AGAIN_MS);
    document.addEventListener("visibilitychange", () => this.#acknowledge());
    // Not when the finger comes down: what is drawn then takes the pressed button away from under it.
    document.addEventListener("click", () => void this.#alarm.unlock().then(() => this.#draw()));
    onLanguage(() => this.#draw(true));
  }

  #take(own: OwnOrders): void {
    this.#own = own;
    this.#offsetMs = Date.parse(own.now) - Date.now();
    if (own.responder?.on_duty) this.#positions.start();
    else this.#positions.stop();
    this.#acknowledge();
    this.#draw();
  }

  /** What the server says, and on top of it what was done here and isn't heard there yet. */
  #orders(): Order[] {
    return this.#own.orders.map((order) => {
      const mine = this.#outbox.errands.filter(({ orderId }) => orderId === order.id);
      const state = mine.map(({ action }) => BECOMES[action] ?? ENDS[action]).findLast(Boolean);
      if (!state || order.ended_at) return order;
      const ended_at = state === "declined" || state === "done" ? this.#own.now : null;
      return { ...order, state, ended_at };
    });
  }

  #active(): Order | undefined {
    return this.#orders().find(({ ended_at }) => ended_at === null);
  }

  /** The order has reached this page; it is seen where the page is. */
  #acknowledge(): void {
    const order = this.#active();
    if (!order || !isWaiting(order)) return;
    if (document.visibilityState === "visible" && order.state !== "seen") this.#outbox.add({ orderId: order.id, action: "seen" });
    else if (order.state === "sent") this.#outbox.add({ orderId: order.id, action: "deliver" });
  }

  #act(order: Order, action: Action, reason?: string): void {
    this.#refusal = null;
    this.#outbox.add({ orderId: order.id, action, ...(reason && { reason }) });
    if ("vibrate" in navigator) navigator.vibrate(40);
  }

  #refused({ action }: Errand, why: string): void {
    if (action === "deliver" || action === "seen") return;
    this.#refusal = t("refused", { action: t(action), why });
    void this.#look();
  }

  async #look(): Promise<void> {
    try {
      this.#take(await this.#server.readOrders());
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
    }
  }

  /** Nobody leaves duty by a slip of the thumb. */
  #askDuty(button: HTMLButtonElement, on: boolean): void {
    if (on && button.dataset.asked !== "true") {
      button.dataset.asked = "true";
      button.textContent = t("reallyOff");
      return;
    }
    void this.#setDuty(!on);
  }

  async #setDuty(on: boolean): Promise<void> {
    this.#refusal = null;
    try {
      await this.#server.setDuty(on);
      await this.#look();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#refusal = error.message;
      this.#draw(true);
    }
  }

  #setLive(live: boolean): void {
    if (live && !this.#live) void this.#outbox.flush();
    this.#live = live;
    this.#draw();
  }

  #tell(telling: Telling): void {
    this.#telling = telling;
    if (this.#positions?.last) this.#map?.standAt(this.#positions.last);
    this.#draw();
  }

  /** What is above is cheap; the rest is made anew only where it says or offers something else. */
  #draw(anew = false): void {
    if (!this.#positions) return;
    this.#drawHead();
    this.#notes.replaceChildren(...this.#noteParts());
    const order = this.#active();
    if (order && isWaiting(order)) this.#alarm.start();
    else this.#alarm.stop();
    const drawn = JSON.stringify([this.#orders(), this.#own.responder, order ? null : this.#telling, language()]);
    if (drawn !== this.#drawn || anew) this.#drawBody(order);
    this.#drawn = drawn;
    const offered = JSON.stringify([...this.#offers(order), language()]);
    if (offered !== this.#offered || anew) this.#drawFoot(order);
    this.#offered = offered;
    this.#tick();
  }

  #head(): HTMLElement {
    const other = () => speak(language() === "zh" ? "en" : "zh");
    return h(
      "header",
      { class: "duty-head" },
      this.#dot,
      this.#label,
      this.#duty,
      h("button", { type: "button", class: "quiet language", onclick: other }, () => common("otherLanguage")),
    );
  }

  #drawHead(): void {
    const on = this.#own.responder?.on_duty ?? false;
    this.#dot.dataset.live = String(this.#live);
    this.#dot.title = t(this.#live ? "live" : "lost");
    this.#label.textContent = this.#own.responder?.label ?? "";
    this.#duty.className = on ? "duty-on" : "duty-off";
    this.#duty.textContent = t(on ? "onDuty" : "offDuty");
  }

  /** What the foot depends on: a button stays under the thumb, and words in their field, until it changes. */
  #offers(order: Order | undefined): unknown[] {
    if (order) return [order.id, isWaiting(order) ? "waiting" : order.state];
    return [this.#own.responder?.on_duty ?? false, this.#alarm.canSound];
  }

  #noteParts(): HTMLElement[] {
    const waiting = this.#outbox.errands.filter(({ action }) => action !== "deliver" && action !== "seen").length;
    return [
      this.#live ? "" : t("lost"),
      waiting && !this.#live ? t("queued", { count: waiting }) : "",
      this.#refusal ?? "",
    ]
      .filter(Boolean)
      .map((text) => h("p", {}, text));
  }

  #drawBody(order: Order | undefined): void {
    this.element.dataset.order = order ? String(order.id) : "";
    this.element.dataset.state = order?.state ?? "";
    if (order) this.#drawOrder(order);
    else this.#drawWaiting();
  }

  #drawOrder(order: Order): void {
    if (this.#aroundOf !== order.id && !order.place) whereIs([order.incident.lon, order.incident.lat], this.#around);
    this.#aroundOf = order.id;
    this.#body.replaceChildren(this.#clock, orderCard(order, this.#around), ...(this.#map ? [this.#map.element] : []), knownCard(order));
    this.#map?.show(order);
  }

  #drawWaiting(): void {
    const on = this.#own.responder?.on_duty ?? false;
    const ended = this.#orders().filter(({ ended_at }) => ended_at !== null);
    this.#body.replaceChildren(
      h(
        "section",
        { class: "duty-idle" },
        h("h2", {}, t(on ? "waiting" : "offDuty")),
        h("p", {}, t(on ? "waitingWhy" : "offWhy")),
        h("p", { class: "small" }, this.#positionWords(on)),
        h("a", { class: "small", href: `/account/positions${language() === "en" ? "?lang=en" : ""}` }, t("ownPositions")),
      ),
      ended.length ? h("section", { class: "duty-past" }, h("h3", {}, t("ended")), h("ul", {}, ...ended.map(endedCard))) : h("span"),
    );
  }

  #drawFoot(order: Order | undefined): void {
    const bar = order ? actionBar(order, (action, reason) => this.#act(order, action, reason)) : this.#dutyBar();
    this.#foot.replaceChildren(bar);
  }

  #dutyBar(): HTMLElement {
    const on = this.#own.responder?.on_duty ?? false;
    const duty: HTMLButtonElement = h(
      "button",
      { type: "button", class: on ? "duty-small" : "duty-big primary", "data-action": "duty", onclick: () => this.#askDuty(duty, on) },
      t(on ? "goOffDuty" : "goOnDuty"),
    );
    // Any press turns it on; this one says so.
    const sound = h("button", { type: "button", class: "duty-small", "data-action": "sound" }, t("turnSoundOn"));
    return h("div", { class: "duty-actions" }, ...(on && !this.#alarm.canSound ? [sound] : []), duty);
  }

  #positionWords(on: boolean): string {
    if (!on || this.#telling === "off") return "";
    if (this.#telling === "on") return t("positionOn");
    const why = { denied: t("positionDenied"), none: t("positionNone"), insecure: t("positionInsecure") }[this.#telling];
    return t("positionOff", { why });
  }

  #tick(): void {
    const order = this.#active();
    if (!order) return;
    const now = Date.now() + this.#offsetMs;
    const since = (at: string | null) => clock((now - Date.parse(at ?? this.#own.now)) / 1000);
    const left = Math.ceil(this.#own.accept_within_s - (now - Date.parse(order.ordered_at)) / 1000);
    this.#clock.dataset.kind = isWaiting(order) ? (left > 0 ? "new" : "late") : "going";
    if (isWaiting(order)) this.#clock.textContent = left > 0 ? t("acceptWithin", { seconds: left }) : t("acceptLate");
    else if (order.state === "accepted") this.#clock.textContent = t("underWay", { elapsed: since(order.accepted_at) });
    else this.#clock.textContent = t("onScene", { elapsed: since(order.arrived_at) });
  }
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
