// The responder's orders, as the server pushes them; cut off, it comes back by itself.

import type { OwnOrders } from "./contract";

const AGAIN_MS = 2000;

export class OrderStream {
  readonly #onOrders: (own: OwnOrders) => void;
  readonly #onState: (live: boolean) => void;
  readonly #onEnd: () => void;
  #source: EventSource | null = null;
  #timer = 0;

  constructor(onOrders: (own: OwnOrders) => void, onState: (live: boolean) => void, onEnd: () => void) {
    this.#onOrders = onOrders;
    this.#onState = onState;
    this.#onEnd = onEnd;
  }

  open(): void {
    this.close();
    const source = new EventSource("/api/my/orders/stream");
    this.#source = source;
    source.addEventListener("open", () => this.#onState(true));
    source.addEventListener("orders", ({ data }: MessageEvent<string>) => {
      this.#onState(true);
      this.#onOrders(JSON.parse(data) as OwnOrders);
    });
    source.addEventListener("end", () => {
      this.#onState(false);
      this.#later();
      this.#onEnd();
    });
    source.addEventListener("error", () => {
      this.#onState(false);
      if (source.readyState === EventSource.CLOSED) this.#later();
    });
  }

  close(): void {
    window.clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #later(): void {
    this.close();
    this.#timer = window.setTimeout(() => this.open(), AGAIN_MS);
  }
}
