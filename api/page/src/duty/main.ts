import "../css/theme.css";
import "../css/page.css";
import "../css/controls.css";
import "../css/map.css";
import "./duty.css";
import type { Session } from "../contract";
import { h } from "../dom";
import { announce, onLanguage, t as common } from "../language";
import { readLayers, readSession, readTown, ServerError } from "../server";
import { apply } from "../theme";
import { DutyPage } from "./page";
import { DutyServer } from "./server";
import { signInForm } from "./sign-in";
import { t } from "./texts";

const RESPONDERS = ["officer", "grid_member"];

apply();
announce();
const title = () => (document.title = `${t("title")} · ${common("appName")}`);
title();
onLanguage(title);
void open();

/** Show the page to a responder; let anybody else sign in as one, or say why nothing is shown. */
async function open(): Promise<void> {
  try {
    document.body.replaceChildren(await pageFor(await readSession()));
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const again = h("button", { type: "button", onclick: () => void open() }, () => common("retry"));
    document.body.replaceChildren(h("main", { class: "closed" }, h("p", { class: "fault", role: "alert" }, error.message), again));
  }
}

async function pageFor(session: Session): Promise<HTMLElement> {
  if (!session.signed_in || !RESPONDERS.includes(session.role)) return signInForm(session, () => void open());
  const [town, layers, own] = await Promise.all([readTown(), readLayers(), new DutyServer(session).readOrders()]);
  if (!own.responder) return h("main", { class: "closed" }, h("p", {}, () => t("unbound")));
  const page = new DutyPage(town, layers, session, own, () => void endIfSignedOut());
  page.start();
  return page.element;
}

/** The server ended the stream: perhaps the session is over. */
async function endIfSignedOut(): Promise<void> {
  const session = await readSession().catch(() => null);
  if (session && !session.signed_in) location.reload();
}
