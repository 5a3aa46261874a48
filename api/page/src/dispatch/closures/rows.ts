// One closure in the list: what, where, for how long, and what may be done about it.

import type { Feature, MultiLineString } from "geojson";
import { h } from "../../dom";
import { metres, moment } from "../../format";
import type { LonLat } from "../../map/view";
import { boundInWords } from "./modes";
import type { ClosureProperties } from "./server";
import { tc, type ClosureText } from "./texts";

export interface Act {
  end: (id: number) => Promise<void>;
  extend: (id: number, ends: string | null) => Promise<void>;
}

type Closure = Feature<MultiLineString, ClosureProperties>;

export function closureRow(
  closure: Closure,
  timeZone: string,
  act: Act | null,
  onLookAt: (points: LonLat[]) => void,
): HTMLElement {
  const { properties } = closure;
  const id = Number(closure.id);
  const where = () => properties.names ?? tc("streetsCount", { n: properties.streets });
  return h(
    "li",
    { class: `closure ${properties.kind}` },
    h(
      "button",
      { type: "button", class: "closure-what", title: () => tc("look"), onclick: () => onLookAt(pointsOf(closure)) },
      h("strong", {}, where),
      h("span", { class: "small" }, () => whatOf(properties)),
      h("span", { class: "small number" }, () => lastsOf(properties, timeZone)),
      ...trouble(properties),
    ),
    ...(act
      ? [
          h(
            "div",
            { class: "closure-acts" },
            ...(properties.ends
              ? [h("button", { type: "button", onclick: () => act.extend(id, properties.ends) }, () => tc("longer"))]
              : []),
            h(
              "button",
              { type: "button", class: "closure-end", "aria-label": () => tc("endFor", { what: where() }), onclick: () => act.end(id) },
              () => tc("end"),
            ),
          ),
        ]
      : []),
  );
}

function whatOf({ kind, speed_share, reason, streets, length_m, note, author, modes }: ClosureProperties): string {
  const what = kind === "closed" ? tc("isClosed") : tc("isSlow", { share: Math.round(speed_share * 100) });
  const size = tc("hit", { n: streets, length: metres(length_m) });
  return [what, boundInWords(modes), tc(reason as ClosureText), size, note, author].filter(Boolean).join(" · ");
}

function lastsOf({ starts, ends }: ClosureProperties, timeZone: string): string {
  const begins = Date.parse(starts);
  const until = ends ? ` → ${clock(ends, timeZone)}` : "";
  if (begins > Date.now()) return tc("isPlanned", { from: clock(starts, timeZone) }) + until;
  if (!ends) return tc("leftOpen");
  return tc("left", { time: span(Date.parse(ends) - Date.now()) }) + until;
}

/** The hour, and the day where it isn't today. */
function clock(iso: string, timeZone: string): string {
  const there = moment(iso, timeZone);
  const today = moment(new Date().toISOString(), timeZone).slice(0, 10);
  return there.startsWith(today) ? there.slice(11) : there.slice(5);
}

function span(ms: number): string {
  const m = Math.floor(ms / 60_000);
  if (m < 1) return tc("seconds");
  if (m < 60) return tc("minutes", { m });
  if (m < 48 * 60) return tc("hours", { h: Math.floor(m / 60), m: m % 60 });
  return tc("days", { d: Math.floor(m / 1440) });
}

function trouble({ streets, lost_m = 0 }: ClosureProperties): HTMLElement[] {
  if (!streets) return [h("span", { class: "fault small" }, () => tc("gone"))];
  return lost_m > 20 ? [h("span", { class: "fault small" }, () => tc("lost"))] : [];
}

function pointsOf({ geometry }: Closure): LonLat[] {
  return geometry.coordinates.flat() as LonLat[];
}
