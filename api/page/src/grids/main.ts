import "../css/theme.css";
import "../css/page.css";
import "../css/controls.css";
import "../css/panels.css";
import "../css/map.css";
import "./css/stage.css";
import "./css/panels.css";
import "./css/client.css";
import "./css/files.css";
import "./css/border.css";
import "./css/highrise.css";
import "./css/rules.css";
import "./css/today.css";
import type { Layer, Session, Town } from "../contract";
import { announce, nameOf, onLanguage } from "../language";
import { readLayers, readSession, readTown, ServerError } from "../server";
import { apply } from "../theme";
import { failed, linkEnded, notForYou } from "./closed";
import { GridsPage } from "./page";
import { withoutMap } from "./stage";
import { ReaderPage } from "./today/reader";
import { DraftServer, SharedServer } from "./server";
import { SharedPage } from "./shared";
import { t } from "./texts";

const DRAFTERS = ["gis_editor", "administrator"];
/** What one reads to see the coverage. */
const READ = ["villages", "grids", "micro-grids"];
const GONE = 404;

apply();
announce();
void open();

/** Show the editor to those who draft, the coverage to all who may read it, a shared draft to whoever has its link; or say why not. */
async function open(): Promise<void> {
  try {
    const [town, layers, session] = await Promise.all([readTown(), readLayers(), readSession()]);
    const title = () => (document.title = `${t("title")} · ${nameOf(town)}`);
    title();
    onLanguage(title);
    const page = await pageFor(town, layers, session);
    document.body.replaceChildren(page instanceof HTMLElement ? page : page.element);
    if (!(page instanceof HTMLElement)) await page.start();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    document.body.replaceChildren(failed(error.message, () => void open()));
  }
}

async function pageFor(
  town: Town,
  layers: readonly Layer[],
  session: Session,
): Promise<GridsPage | ReaderPage | SharedPage | HTMLElement> {
  const missing = withoutMap(town);
  if (missing) return missing;
  const token = new URLSearchParams(location.hash.slice(1)).get("shared");
  if (token) return sharedPage(town, layers, session, token);
  if (session.signed_in && DRAFTERS.includes(session.role)) return new GridsPage(town, layers, session, new DraftServer(session));
  const mayRead = READ.every((id) => layers.some((layer) => layer.id === id));
  return mayRead ? new ReaderPage(town, layers, session) : notForYou(town, session);
}

async function sharedPage(
  town: Town,
  layers: readonly Layer[],
  session: Session,
  token: string,
): Promise<SharedPage | HTMLElement> {
  const server = new SharedServer(token);
  try {
    return new SharedPage(town, layers, session, server, await server.read());
  } catch (error) {
    if (!(error instanceof ServerError) || error.status !== GONE) throw error;
    return linkEnded();
  }
}
