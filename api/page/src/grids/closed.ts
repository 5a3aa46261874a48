// What stands in the editor's place for whoever may not draw, or has no valid link.

import type { Session, Town } from "../contract";
import { h, type Child } from "../dom";
import { pick, t as say } from "../language";
import { t } from "./texts";

/** Who may draw, which account that is in a demo, and where to sign in. */
export function notForYou(town: Town, session: Session): HTMLElement {
  const { pending, role_title = "", role_title_en } = session;
  const role = () => pick(role_title, role_title_en);
  const who = h("p", {}, () => (session.signed_in ? t("notForYouAs", { role: role() }) : t(pending ? "notYetForYou" : "notForYou")));
  const demo = town.synthetic ? h("p", { class: "small" }, () => t("notForYouDemo")) : null;
  return closed(who, demo, h("a", { class: "button primary", href: "/login" }, () => t("signIn")), toMap());
}

export function linkEnded(): HTMLElement {
  return closed(h("p", { class: "fault", role: "alert" }, () => t("linkEnded")), toMap());
}

/** Something failed on the way in: why, and once more. */
export function failed(why: string, again: () => void): HTMLElement {
  const retry = h("button", { type: "button", onclick: again }, () => say("retry"));
  return closed(h("p", { class: "fault", role: "alert" }, why), retry);
}

function closed(...children: Child[]): HTMLElement {
  return h("main", { class: "closed" }, ...children);
}

function toMap(): HTMLElement {
  return h("a", { href: "/" }, () => say("toMap"));
}
