// The suggestion for several incidents at once, and the orders that follow it by hand.

import { ask, ServerError } from "../../server";

export interface Both {
  zh: string;
  en: string;
}

export interface Option {
  key: string;
  label: string;
  department: string | null;
  mode: string;
  lon: number;
  lat: number;
  eta_s: number;
  in_time: boolean;
}

export interface Advice {
  id: number;
  number: string;
  title: string | null;
  category: Both;
  severity: 1 | 2 | 3 | 4;
  lon: number;
  lat: number;
  waited_s: number;
  order: number | null;
  order_state: string | null;
  responder: string | null;
  responder_label: string | null;
  action: "order" | "keep" | "reassign" | "wait";
  words: Both;
  suggested: Option | null;
  price_of_deviation: (Option & { price: { misses: number; weighted_s: number; words: Both } })[];
}

export interface Suggestion {
  free: number;
  words: Both;
  incidents: Advice[];
}

/** The best assignment now; null for whoever doesn't dispatch. */
export async function readSuggestion(): Promise<Suggestion | null> {
  try {
    return await post("/api/assignment", {});
  } catch (error) {
    if (error instanceof ServerError && [401, 403, 404].includes(error.status)) return null;
    throw error;
  }
}

/** Send somebody; whoever has the order already is stood down. */
export function order(
  incident: number,
  replaced: number | null,
  responder: string,
  reason: string,
): Promise<unknown> {
  const replaces = replaced === null ? {} : { replaces: replaced };
  return post(`/api/incidents/${incident}/orders`, { responder, reason, ...replaces });
}

/** Take an order back. */
export function withdraw(order: number, reason: string): Promise<unknown> {
  return post(`/api/orders/${order}/withdraw`, { reason });
}

function post<Answer>(url: string, body: object): Promise<Answer> {
  const headers = { "Content-Type": "application/json" };
  return ask(url, { method: "POST", headers, body: JSON.stringify(body) });
}
