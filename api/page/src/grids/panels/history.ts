// The grids of any day, by a slider over the days: as they were, and as they are planned to be.

import { h } from "../../dom";
import { daysBetween, moment, plusDays } from "../../format";
import { nameOf } from "../../language";
import { ServerError } from "../../server";
import type { Draft, Level, Place } from "../contract";
import type { GridMap } from "../map/view";
import { t } from "../texts";
import type { Ahead } from "../today/ahead";
import { t as ofDays } from "../today/ahead-texts";
import { Banner } from "../today/banner";
import { Marks } from "../today/marks";
import { endOf, PastDay } from "../today/past-day";
import type { Planned } from "../today/server";
import { button, field, rowButton, section } from "./rows";

const WAIT_MS = 250;
const YEARS_BACK_DAYS = 730;
/** Room on the slider behind the last planned day. */
const BEYOND_DAYS = 14;

interface Options {
  map: GridMap;
  /** The town's today, and its time zone. */
  today: string;
  timeZone: string;
  level: () => Level;
  /** What is planned; null for those whom it isn't shown to. */
  ahead: Ahead | null;
}

export class HistoryPanel {
  readonly element = h("div", { class: "history" });
  readonly banner = new Banner(() => this.leave());
  readonly #options: Options;
  readonly #slider = h("input", { type: "range", id: "history-slider", min: 0, "aria-label": () => t("historyDay") });
  readonly #marks = new Marks();
  readonly #day = h("input", { type: "date", id: "history-day" });
  readonly #said = h("div", { class: "said", role: "status" });
  readonly #clicked = h("p", { class: "clicked", "aria-live": "polite" });
  readonly #moments = h("ul", { class: "rows" });
  readonly #first: string;
  readonly #past: PastDay;
  #effective: string[] = [];
  #asked: AbortController | null = null;
  #timer = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#first = plusDays(options.today, -YEARS_BACK_DAYS);
    this.#past = new PastDay(options.map);
    this.#slider.max = this.#slider.value = String(YEARS_BACK_DAYS);
    this.#day.max = this.#day.value = options.today;
    this.#slider.addEventListener("input", () => this.#turn(plusDays(this.#first, Number(this.#slider.value))));
    this.#day.addEventListener("change", () => this.#day.value && this.#turn(this.#day.value));
    const { ahead } = options;
    if (ahead) ahead.onPick = (planned) => void this.#showPlanned(planned);
    this.element.append(
      h("p", { class: "hint" }, () => ofDays("historyHint"), () => (ahead?.list.length ? ` ${ofDays("aheadHint")}` : "")),
      h("div", { class: "day-line" }, this.#slider, this.#marks.element),
      field(() => t("historyDay"), this.#day),
      this.#said,
      this.#clicked,
      button(() => t("backToNow"), () => this.leave(), { class: "wide" }),
      ...(ahead ? [ahead.element] : []),
      section(() => t("historyMoments"), this.#moments),
    );
  }

  /** Whether another day than today is shown. */
  get isAway(): boolean {
    return !this.banner.element.hidden;
  }

  /** The redraws that took effect, and those to come, as marks on the way. */
  list(drafts: readonly Draft[]): void {
    const effective = drafts.filter(({ state, effective_from }) => state === "effective" && effective_from);
    const { timeZone } = this.#options;
    const rows = effective.map(({ name, effective_from }) => {
      const when = moment(effective_from ?? "", timeZone);
      const look = () => this.#turn(when.slice(0, 10));
      return rowButton(look, h("span", { class: "row-main" }, h("b", {}, name), h("span", { class: "small" }, when)));
    });
    this.#effective = effective.map(({ effective_from }) => moment(effective_from ?? "", timeZone).slice(0, 10));
    const none = h("li", { class: "small" }, () => t("historyNoMoments"));
    this.#moments.replaceChildren(...(rows.length ? rows : [none]));
    void this.#measure();
  }

  /** Show today's grids again. */
  leave(): void {
    this.#asked?.abort();
    window.clearTimeout(this.#timer);
    this.#past.leave();
    this.#options.ahead?.leave();
    this.#put(this.#options.today);
    this.banner.hide();
    this.#said.replaceChildren();
    this.#clicked.replaceChildren();
  }

  /** Draw again what is planned, after something else has been drawn. */
  again(): void {
    this.#options.ahead?.draw();
  }

  /** Tell of the unit at a place as it is on the day that is shown. */
  click(place: Place): void {
    const level = this.#options.level();
    const { ahead } = this.#options;
    const unit = ahead?.isShown ? ahead.unitAt(place, level) : this.#past.unitAt(place, level);
    const words = () => (unit ? ofDays("clicked", { level: t(`levelOne_${level}`), name: nameOf(unit), code: unit.code }) : ofDays("clickedNone"));
    this.#clicked.replaceChildren(h("span", {}, words));
  }

  /** The slider leads to the last day for which something is planned. */
  async #measure(): Promise<void> {
    const { ahead, today } = this.#options;
    await ahead?.read();
    const planned = ahead?.list.map((each) => ahead.dayOf(each)) ?? [];
    const last = planned.length ? plusDays(planned.toSorted().at(-1) ?? today, BEYOND_DAYS) : today;
    this.#day.max = last;
    this.#slider.max = String(this.#at(last));
    const place = (day: string) => this.#at(day) / this.#at(last);
    this.#marks.put(planned.length ? place(today) : null, this.#effective.map(place), planned.map(place));
  }

  #at(day: string): number {
    return daysBetween(this.#first, day) - 1;
  }

  #put(day: string): void {
    this.#day.value = day;
    this.#slider.value = String(this.#at(day));
  }

  #turn(day: string): void {
    this.#put(day);
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#showDay(day), WAIT_MS);
  }

  #showDay(day: string): Promise<void> {
    const { today, ahead } = this.#options;
    const planned = day > today ? ahead?.on(day) : undefined;
    if (planned) return this.#showPlanned(planned, day);
    if (day > today) return Promise.resolve(this.#sayNothingYet(day));
    return this.#showPast(day);
  }

  #sayNothingYet(day: string): void {
    this.#options.ahead?.leave();
    this.#past.leave();
    this.banner.show("planned", () => ofDays("bannerSame", { day }));
    this.#said.replaceChildren(h("p", { class: "small" }, () => ofDays("nothingYet")));
  }

  #showPlanned(planned: Planned, day = this.#options.ahead?.dayOf(planned) ?? ""): Promise<void> {
    return this.#try(async (signal) => {
      const told = await this.#options.ahead?.show(planned, signal);
      this.#past.leave({ keepLines: true });
      this.#put(day);
      const when = moment(planned.effective_from, this.#options.timeZone);
      this.banner.show("planned", () => ofDays("bannerPlanned", { when }));
      this.#said.replaceChildren(...(told ? [told] : []));
    });
  }

  #showPast(day: string): Promise<void> {
    return this.#try(async (signal) => {
      const counts = await this.#past.read(endOf(day, this.#options.timeZone), signal);
      this.#options.ahead?.leave();
      this.#past.draw();
      this.banner.show("past", () => ofDays("bannerPast", { day }));
      const words = () => (counts.micro ? t("historyUnits", counts) : t("historyNone"));
      this.#said.replaceChildren(h("p", { class: "small" }, words));
    });
  }

  async #try(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#asked?.abort();
    const { signal } = (this.#asked = new AbortController());
    this.#clicked.replaceChildren();
    try {
      await act(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ServerError)) throw error;
      this.#said.replaceChildren(h("p", { class: "fault" }, error.message));
    }
  }
}
