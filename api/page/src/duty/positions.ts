// Tells where the responder is while on duty, and why not where it can't.

import { ServerError } from "../server";
import type { DutyServer } from "./server";

export type Telling = "off" | "on" | "denied" | "none" | "insecure";

// Often enough to be found by, seldom enough for a battery.
const APART_MS = 5000;

export class Positions {
  readonly #server: DutyServer;
  readonly #onChange: (telling: Telling) => void;
  #watch: number | null = null;
  #told = 0;
  last: [lon: number, lat: number] | null = null;

  constructor(server: DutyServer, onChange: (telling: Telling) => void) {
    this.#server = server;
    this.#onChange = onChange;
  }

  start(): void {
    if (this.#watch !== null) return;
    if (!window.isSecureContext || !("geolocation" in navigator)) {
      this.#onChange("insecure");
      return;
    }
    this.#onChange("none");
    this.#watch = navigator.geolocation.watchPosition(
      (position) => void this.#tell(position),
      (error) => this.#onChange(error.code === error.PERMISSION_DENIED ? "denied" : "none"),
      { enableHighAccuracy: true, maximumAge: 2000 },
    );
  }

  stop(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = null;
    this.#onChange("off");
  }

  async #tell({ coords, timestamp }: GeolocationPosition): Promise<void> {
    this.last = [coords.longitude, coords.latitude];
    this.#onChange("on");
    if (Date.now() - this.#told < APART_MS) return;
    this.#told = Date.now();
    try {
      await this.#server.tellPosition({
        lon: coords.longitude,
        lat: coords.latitude,
        accuracy_m: coords.accuracy,
        at: new Date(timestamp).toISOString(),
        ...(coords.speed != null && { speed_mps: coords.speed }),
        ...(coords.heading != null && !Number.isNaN(coords.heading) && { bearing_deg: coords.heading }),
      });
    } catch (error) {
      // The next fix is newer: nothing is kept.
      if (!(error instanceof ServerError)) throw error;
    }
  }
}
