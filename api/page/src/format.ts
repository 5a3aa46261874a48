// Numbers as people read them.

import { language, t } from "./language";

/** 83.4 s as "1:23": rounded up, never a promise too early. */
export function minutes(seconds: number): string {
  const whole = Math.ceil(seconds - 1e-9);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The same in words, for a screen reader. */
export function minutesInWords(seconds: number): string {
  const whole = Math.ceil(seconds - 1e-9);
  return t("minutesSeconds", { minutes: Math.floor(whole / 60), seconds: whole % 60 });
}

export function metres(distance_m: number): string {
  if (distance_m < 995) return `${Math.round(distance_m / 10) * 10} m`;
  return `${(distance_m / 1000).toFixed(1)} km`;
}

export function count(number: number): string {
  return number.toLocaleString(language() === "zh" ? "zh-CN" : "en");
}

export function coordinates(lon: number, lat: number): string {
  return `${lon.toFixed(5)}, ${lat.toFixed(5)}`;
}

/** A moment in the town's own time, e.g. 2026-06-30 12:00. */
export function moment(iso: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    dateStyle: "short",
    timeStyle: "short",
  });
  return parts.format(new Date(iso));
}

/** A probability: small ones as a bound, for their digits mean nothing. */
export function probability(p: number): string {
  return p < 0.0001 ? "< 0.0001" : p.toFixed(4);
}

/** Calendar arithmetic on ISO dates. */
export function plusDays(date: string, days: number): string {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** How many days from the first to the last, both counted. */
export function daysBetween(first: string, last: string): number {
  return Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / 864e5) + 1;
}
