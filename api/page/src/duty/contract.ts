// What the server says to a responder.

import type { LineString } from "geojson";

export type OrderState =
  | "sent"
  | "delivered"
  | "seen"
  | "accepted"
  | "arrived"
  | "reported"
  | "done"
  | "declined"
  | "lapsed"
  | "withdrawn";

/** What a responder may do to an order; `deliver` and `seen` the page does by itself. */
export type Action = "deliver" | "seen" | "accept" | "decline" | "arrive" | "report" | "done";

export interface Place {
  name: string;
  address: string | null;
  entrance: string | null;
  floor: string | null;
}

export interface Order {
  id: number;
  state: OrderState;
  is_lead: boolean;
  reason: string | null;
  ordered_at: string;
  accepted_at: string | null;
  arrived_at: string | null;
  ended_at: string | null;
  eta_s: number | null;
  distance_m: number | null;
  incident: {
    id: number;
    number: string | null;
    title: string | null;
    severity: number;
    category: string;
    category_en: string;
    lon: number;
    lat: number;
    accuracy_m: number | null;
    occurred_at: string;
    reported_at: string | null;
  };
  place: Place | null;
  /** What was said by those who reported it. */
  texts: string[];
  others: { label: string; state: OrderState; eta_s: number | null }[];
  route: LineString | null;
}

export interface Responder {
  id: number;
  key: string;
  label: string;
  mode: string;
  on_duty: boolean;
}

export interface OwnOrders {
  now: string;
  responder: Responder | null;
  accept_within_s: number;
  orders: Order[];
}

export const WAITING: readonly OrderState[] = ["sent", "delivered", "seen"];
