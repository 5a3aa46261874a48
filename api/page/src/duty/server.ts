// Questions of the responder's page to the server.

import { ask } from "../server";
import type { Action, OwnOrders } from "./contract";

export interface Signed {
  csrf_token?: string;
}

export interface Fix {
  lon: number;
  lat: number;
  accuracy_m: number;
  at: string;
  speed_mps?: number;
  bearing_deg?: number;
}

export class DutyServer {
  readonly #csrf: string;

  constructor(session: Signed) {
    this.#csrf = session.csrf_token ?? "";
  }

  readOrders(): Promise<OwnOrders> {
    return ask("/api/my/orders");
  }

  act(orderId: number, action: Action, reason?: string): Promise<unknown> {
    return this.#post(`/api/orders/${orderId}/${action}`, reason ? { reason } : {});
  }

  setDuty(on: boolean): Promise<unknown> {
    return this.#post("/api/my/duty", { on });
  }

  tellPosition(fix: Fix): Promise<unknown> {
    return this.#post("/api/positions", { ...fix, datum: "wgs84" });
  }

  #post(url: string, body: object): Promise<unknown> {
    return ask(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": this.#csrf },
      body: JSON.stringify(body),
    });
  }
}

/** Sign in with name and password. */
export function signIn(name: string, password: string): Promise<Signed> {
  return ask("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name, password }),
  });
}
