// From a suggestion to an order: of the incident that was asked for, or of one that is taken down now.

import type { Responder, Town } from "../../contract";
import { h } from "../../dom";
import { nameOf } from "../../language";
import type { LonLat } from "../../map/view";
import { ask, ServerError } from "../../server";
import { t } from "./words";

interface Taken {
  incident: { id: number; number: string | null };
  decision: number | null;
}

/** An incident that is known already. */
export interface KnownIncident {
  id: number;
  name: () => string;
}

export class OrderBox {
  readonly element = h("div", { class: "ordering", hidden: true });
  readonly #town: Town;
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  #at: LonLat | null = null;
  #incident: KnownIncident | null = null;
  #decision: number | null = null;
  #category = "";
  #sourceId = "";
  #first: string | null = null;

  constructor(town: Town) {
    this.#town = town;
  }

  /** A new place is asked about, or one's known incident. */
  turnTo(at: LonLat | null, incident: KnownIncident | null = null): void {
    this.#at = at;
    this.#incident = incident;
    this.#decision = null;
    this.#sourceId = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    this.element.hidden = true;
  }

  /** Offer to send who is looked at; null: nobody can be sent now. */
  offer(responder: Responder | null, first: string | null): void {
    this.#first = first;
    this.element.hidden = !responder || !this.#at;
    if (!responder) return;
    this.#fault.hidden = true;
    const { label } = responder;
    const incident = this.#incident;
    const send = h(
      "button",
      { type: "submit", class: "primary send" },
      incident ? () => t("sendTo", { who: label, what: incident.name() }) : () => t("report", { who: label }),
    );
    const submit = (event: Event) => {
      event.preventDefault();
      void this.#send(responder, send);
    };
    const form = h("form", { onsubmit: submit }, ...(incident ? [] : [this.#categories()]), send);
    this.element.replaceChildren(form, this.#fault);
  }

  /** Put the keyboard where the next step is: what it is, or sending. */
  focus(): void {
    const isAsked = !this.#incident && !this.#category;
    this.element.querySelector<HTMLElement>(isAsked ? "select" : ".send")?.focus();
  }

  #categories(): HTMLElement {
    const choose = (event: Event) => (this.#category = (event.target as HTMLSelectElement).value);
    return h(
      "select",
      { required: true, "aria-label": () => t("kind"), onchange: choose, onkeydown: sendByEnter },
      h("option", { value: "" }, () => t("kind")),
      ...this.#town.categories.map((each) =>
        h("option", { value: each.code, selected: each.code === this.#category }, () => nameOf(each)),
      ),
    );
  }

  async #send(responder: Responder, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    button.textContent = t("sending");
    this.#fault.hidden = true;
    try {
      const number = await this.#order(responder);
      const sent = h("p", { class: "sent", role: "status" }, () => t("sent", { who: responder.label, number }));
      this.element.replaceChildren(sent);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.offer(responder, this.#first);
      this.#fault.textContent = error.message;
      this.#fault.hidden = false;
    }
  }

  /** The number of the incident to which somebody goes now. */
  async #order(responder: Responder): Promise<string> {
    if (!this.#incident) await this.#takeDown();
    const incident = this.#incident as KnownIncident | null;
    if (!incident) return "";
    await post(`/api/incidents/${incident.id}/orders`, {
      responder: responder.key,
      reason: t(responder.key === this.#first ? "reason" : "reasonOther"),
      ...(this.#decision === null ? {} : { decision: this.#decision }),
    });
    return incident.name();
  }

  /** Pressed twice, or after a refusal, it stays one report. */
  async #takeDown(): Promise<void> {
    const [lon, lat] = this.#at as LonLat;
    const { incident, decision } = await post<Taken>("/api/reports", {
      source: "workstation",
      source_id: this.#sourceId,
      lon,
      lat,
      datum: "wgs84",
      category: this.#category,
      dispatch: "suggest",
    });
    this.#incident = { id: incident.id, name: () => incident.number ?? String(incident.id) };
    this.#decision = decision;
  }
}

/** As in a text field: Enter sends, once something is chosen. */
function sendByEnter(event: KeyboardEvent): void {
  const select = event.currentTarget as HTMLSelectElement;
  if (event.key !== "Enter" || !select.value) return;
  event.preventDefault();
  select.form?.requestSubmit();
}

function post<Answer>(url: string, body: object): Promise<Answer> {
  const headers = { "Content-Type": "application/json" };
  return ask(url, { method: "POST", headers, body: JSON.stringify(body) });
}
