// The head of the page: which town, what time it is there, what is synthetic, language, appearance.

import type { Session, Town } from "../contract";
import { drawing, h } from "../dom";
import { moment } from "../format";
import { language, nameOf, speak, t } from "../language";
import { accountChip, otherPageChip } from "./account";
import { APPEARANCES, appearance, choose } from "../theme";

const HEXAGONS = "M12 1.500l9.1 5.250v10.500L12 22.500l-9.1-5.250v-10.500zM12 7.500l3.9 2.250v4.500L12 16.500l-3.9-2.250v-4.500z";
const HALF_DISC = "M12 2.500a9.5 9.5 0 1 0 0 19a9.5 9.5 0 1 0 0-19zM12 5v14a7 7 0 0 0 0-14z";

export function head(town: Town, session: Session): HTMLElement {
  return h(
    "header",
    { class: "head" },
    h(
      "div",
      { class: "head-row" },
      drawing(HEXAGONS, 24, { class: "logo", "fill-rule": "evenodd" }),
      h(
        "div",
        { class: "name" },
        h("h1", {}, () => nameOf(town)),
        h("p", {}, () => t("tagline")),
      ),
      appearanceButton(),
      languageButton(),
    ),
    h("div", { class: "chips" }, ...chips(town, session)),
  );
}

function chips(town: Town, session: Session): (HTMLElement | null)[] {
  const time = h("span", { class: "chip" }, () =>
    t("townTime", { time: moment(town.now, town.time_zone) }),
  );
  const synthetic = h("span", { class: "chip synthetic", title: () => t("syntheticWhy") }, () =>
    t("synthetic"),
  );
  const internal = h(
    "details",
    { class: "internal" },
    h("summary", { class: "chip" }, () => t("internal")),
    h("p", { class: "small" }, () => t(town.synthetic ? "internalDemo" : "internalWhy")),
  );
  return [
    accountChip(session),
    otherPageChip(session),
    ...(town.synthetic ? [synthetic] : []),
    ...(town.shows_internal ? [internal] : []),
    time,
  ];
}

function languageButton(): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      class: "language",
      lang: () => (language() === "zh" ? "en" : "zh-CN"),
      "aria-label": () => t("switchLanguage"),
      onclick: () => speak(language() === "zh" ? "en" : "zh"),
    },
    () => t("otherLanguage"),
  );
}

function appearanceButton(): HTMLElement {
  const words = () => t(`theme_${appearance()}`);
  const button = h(
    "button",
    {
      type: "button",
      class: "appearance icon",
      "aria-label": words,
      title: words,
      onclick: () => {
        const next = APPEARANCES[(APPEARANCES.indexOf(appearance()) + 1) % APPEARANCES.length];
        choose(next ?? "auto");
        button.title = words();
        button.setAttribute("aria-label", words());
      },
    },
    drawing(HALF_DISC, 24, { "fill-rule": "evenodd" }),
  );
  return button;
}
