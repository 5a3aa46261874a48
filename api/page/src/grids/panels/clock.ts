// A demo's clock stands still: whoever waits for an approved draft lets time pass.

import { h } from "../../dom";
import type { Draft } from "../contract";
import type { DraftServer } from "../server";
import { t } from "../texts";
import { button } from "./rows";

const TRIES = 30;
const PAUSE_MS = 1000;

/** What is said of an approved draft in a town whose clock stands still, and the button. */
export function clockRow(server: DraftServer, draft: Draft, when: string, attempt: (act: () => Promise<void>) => Promise<void>): HTMLElement {
  const said = h("p", { class: "small", role: "status" }, () => t("clockStands", { when }));
  const pass = async () => {
    await server.letTimePass(draft.id);
    said.replaceChildren(h("span", {}, () => t("clockPasses")));
    await inEffect(server, draft.id);
    location.reload(); // the town's today is another one
  };
  return h("div", { class: "decide" }, said, button(() => t("letTimePass"), () => void attempt(pass), { class: "wide" }));
}

/** Until the worker has made it effective, or found that it can't. */
async function inEffect(server: DraftServer, id: number): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    const { drafts } = await server.list();
    if (drafts.find((each) => each.id === id)?.state !== "approved") return;
    await new Promise((resolve) => window.setTimeout(resolve, PAUSE_MS));
  }
}
