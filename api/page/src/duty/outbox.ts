// What the responder did while nobody could hear it: kept in this browser, sent in order, once.

import { recall, remember } from "../memory";
import { ServerError } from "../server";
import type { Action } from "./contract";

export interface Errand {
  orderId: number;
  action: Action;
  reason?: string;
}

const NAME = "duty-outbox";
const AGAIN_MS = 2000;

type Send = (errand: Errand) => Promise<unknown>;

/** The server takes each action once, however often it is sent, so nothing here needs a number. */
export class Outbox {
  readonly #send: Send;
  readonly #onChange: () => void;
  readonly #onRefused: (errand: Errand, why: string) => void;
  #errands: Errand[] = parse(recall(NAME));
  #sending = false;
  #timer = 0;

  constructor(send: Send, onChange: () => void, onRefused: (errand: Errand, why: string) => void) {
    this.#send = send;
    this.#onChange = onChange;
    this.#onRefused = onRefused;
    window.addEventListener("online", () => void this.flush());
  }

  /** What waits to be sent. */
  get errands(): readonly Errand[] {
    return this.#errands;
  }

  add(errand: Errand): void {
    const same = (each: Errand) => each.orderId === errand.orderId && each.action === errand.action;
    if (errand.action === "report" || !this.#errands.some(same)) this.#keep([...this.#errands, errand]);
    void this.flush();
  }

  /** Send what waits, one after the other; what the server refuses is told and dropped. */
  async flush(): Promise<void> {
    window.clearTimeout(this.#timer);
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let next = this.#errands[0]; next; next = this.#errands[0]) {
        if (!(await this.#try(next))) break;
        this.#keep(this.#errands.filter((each) => each !== next));
      }
    } finally {
      this.#sending = false;
    }
    if (this.#errands.length) this.#timer = window.setTimeout(() => void this.flush(), AGAIN_MS);
  }

  /** Whether the errand is off the list: the server has taken it, or never will. */
  async #try(errand: Errand): Promise<boolean> {
    try {
      await this.#send(errand);
      return true;
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      const later = error.status === 0 || error.status === 401 || error.status === 429 || error.status >= 500;
      if (!later) this.#onRefused(errand, error.message);
      return !later;
    }
  }

  #keep(errands: Errand[]): void {
    this.#errands = errands;
    remember(NAME, JSON.stringify(errands));
    this.#onChange();
  }
}

function parse(text: string | null): Errand[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? (found as Errand[]) : [];
  } catch {
    return [];
  }
}
