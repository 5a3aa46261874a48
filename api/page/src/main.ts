import "./css/theme.css";
import "./css/page.css";
import "./css/controls.css";
import "./css/panels.css";
import "./css/map.css";
import "./dispatch/assignment/assignment.css";
import "./dispatch/coverage/coverage.css";
import "./dispatch/nearest/nearest.css";
import "./dispatch/closures/closures.css";
import { h } from "./dom";
import { announce, nameOf, onLanguage, t } from "./language";
import { Page } from "./page";
import { readLayers, readSession, readTown, ServerError } from "./server";
import { apply } from "./theme";

apply();
announce();
void open();

/** Read what the town is and has, then show it; or say why that could not be. */
async function open(): Promise<void> {
  try {
    const [town, layers, session] = await Promise.all([readTown(), readLayers(), readSession()]);
    const title = () => (document.title = `${nameOf(town)} · ${t("appName")}`);
    title();
    onLanguage(title);
    const page = new Page(town, layers, session);
    document.body.replaceChildren(page.element);
    await page.start();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    document.body.replaceChildren(
      h(
        "main",
        { class: "closed" },
        h("p", { class: "fault", role: "alert" }, error.message),
        h("button", { type: "button", onclick: () => void open() }, () => t("retry")),
      ),
    );
  }
}
