// Signing in on a phone: two fields and a button, without leaving the page.

import type { Session } from "../contract";
import { h } from "../dom";
import { language, speak, t as common } from "../language";
import { ServerError } from "../server";
import { signIn } from "./server";
import { t } from "./texts";

export function signInForm(session: Session, onDone: () => void): HTMLElement {
  const name = h("input", { type: "text", name: "name", autocomplete: "username", autocapitalize: "none", required: true, placeholder: () => t("name"), "aria-label": () => t("name") });
  const password = h("input", { type: "password", name: "password", autocomplete: "current-password", required: true, placeholder: () => t("password"), "aria-label": () => t("password") });
  const fault = h("p", { class: "fault", role: "alert" });
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await signIn(name.value.trim(), password.value);
      onDone();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      fault.textContent = error.message;
    }
  };
  const why = () => (session.signed_in ? t("otherRole", { name: session.display_name ?? "" }) : t("signInWhy"));
  return h(
    "main",
    { class: "duty-page duty-sign-in" },
    h("h1", {}, () => t("title")),
    h("p", {}, why),
    h(
      "form",
      { onsubmit: (event: Event) => void submit(event) },
      name,
      password,
      fault,
      h("button", { type: "submit", class: "duty-big primary" }, () => t("signIn")),
    ),
    h(
      "p",
      { class: "entry-row" },
      h("a", { href: "/login?next=/duty" }, () => t("otherWay")),
      h("button", { type: "button", class: "quiet language", onclick: () => speak(language() === "zh" ? "en" : "zh") }, () => common("otherLanguage")),
    ),
  );
}
