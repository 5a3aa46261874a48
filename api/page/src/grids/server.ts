// Questions about drafts to the server this page came from.

import type { FeatureCollection, MultiPolygon, Polygon } from "geojson";
import type { Session } from "../contract";
import { ask, itemsUrl, readSession } from "../server";
import type {
  Burdens,
  Changes,
  Check,
  Choice,
  Comments,
  Draft,
  DraftDocument,
  DraftList,
  Edit,
  Link,
  Order,
  Place,
  Report,
} from "./contract";
import type { Rules, RulesDocument } from "./rules/contract";
import type { SuggestionJob, Summary } from "./suggestion/contract";

const SUGGEST = "/api/drafts/suggest";
const MOST_UNITS = 10_000;

/** The drafts' routes, asked as one signed-in person. */
export class DraftServer {
  #csrfToken: string;

  constructor(session: Session) {
    this.#csrfToken = session.csrf_token ?? "";
  }

  /** Go on with the session that this browser has by now. */
  async renew(): Promise<void> {
    this.#csrfToken = (await readSession()).csrf_token ?? "";
  }

  list(): Promise<DraftList> {
    return ask("/api/drafts");
  }

  open(name: string): Promise<Draft> {
    return this.#post("/api/drafts", { name });
  }

  read(id: number): Promise<DraftDocument> {
    return ask(draftUrl(id));
  }

  changes(id: number): Promise<Changes> {
    return ask(draftUrl(id, "changes"));
  }

  operate(id: number, revision: number, order: Order): Promise<Edit> {
    return this.#post(draftUrl(id, "steps"), { revision, ...order, faces: false });
  }

  undo(id: number, revision: number): Promise<Edit> {
    return this.#post(draftUrl(id, "undo"), { revision, faces: false });
  }

  redo(id: number, revision: number): Promise<Edit> {
    return this.#post(draftUrl(id, "redo"), { revision, faces: false });
  }

  check(id: number): Promise<Check> {
    return ask(draftUrl(id, "check"));
  }

  rebase(id: number, revision: number, choice?: Choice): Promise<{ draft: Draft }> {
    return this.#post(draftUrl(id, "rebase"), { revision, ...(choice && { choice }) });
  }

  submit(id: number, revision: number): Promise<Draft> {
    return this.#post(draftUrl(id, "submit"), { revision });
  }

  amend(id: number): Promise<Draft> {
    return this.#post(draftUrl(id, "amend"), {});
  }

  withdraw(id: number): Promise<Draft> {
    return this.#post(draftUrl(id, "withdraw"), {});
  }

  /** Approve from a moment on (ISO 8601), or from now on. */
  approve(id: number, effectiveFrom: string | null): Promise<Draft> {
    const body = effectiveFrom === null ? {} : { effective_from: effectiveFrom };
    return this.#post(draftUrl(id, "approve"), body);
  }

  /** In a demo: to the moment for which the draft waits. */
  letTimePass(id: number): Promise<{ as_of: string }> {
    return this.#post(draftUrl(id, "let-time-pass"), {});
  }

  report(id: number): Promise<Report> {
    return ask(draftUrl(id, "report"));
  }

  /** Ask for the least-change rebalance of some villages, or of all; a job makes a draft of it. */
  suggest(villages: readonly number[]): Promise<SuggestionJob> {
    return this.#post(SUGGEST, villages.length ? { villages } : {});
  }

  followSuggestion(job: string): Promise<SuggestionJob> {
    return ask(`${SUGGEST}/${job}`);
  }

  async callOff(job: string): Promise<void> {
    await ask(`${SUGGEST}/${job}`, { method: "DELETE", headers: this.#headers() });
  }

  /** What was said of a draft when it was suggested. */
  suggestion(id: number): Promise<{ summary: Summary | null }> {
    return ask(draftUrl(id, "suggestion"));
  }

  comments(id: number): Promise<Comments> {
    return ask(draftUrl(id, "comments"));
  }

  async comment(id: number, place: Place, text: string, nickname: string): Promise<void> {
    await this.#post(draftUrl(id, "comments"), { place, text, ...(nickname && { nickname }) });
  }

  links(id: number): Promise<{ links: Link[] }> {
    return ask(draftUrl(id, "links"));
  }

  addLink(id: number, label: string): Promise<Link & { token: string }> {
    return this.#post(draftUrl(id, "links"), { label });
  }

  async endLink(id: number, link: number): Promise<void> {
    await ask(draftUrl(id, `links/${link}`), { method: "DELETE", headers: this.#headers() });
  }

  /** Post to one of a draft's own routes. */
  post<Answer>(id: number, what: string, body: object): Promise<Answer> {
    return this.#post(draftUrl(id, what), body);
  }

  /** Put rules in the place of the town's. */
  settleRules(rules: Rules): Promise<RulesDocument> {
    return ask("/api/boundary-rules", { method: "PUT", headers: this.#headers(), body: JSON.stringify(rules) });
  }

  #post<Answer>(url: string, body: object): Promise<Answer> {
    return ask(url, { method: "POST", headers: this.#headers(), body: JSON.stringify(body) });
  }

  #headers(): Record<string, string> {
    return { "Content-Type": "application/json", "X-CSRF-Token": this.#csrfToken };
  }
}

/** What the holder of a draft's link may ask, without signing in. */
export class SharedServer {
  readonly #url: string;

  constructor(token: string) {
    this.#url = `/api/shared-drafts/${encodeURIComponent(token)}`;
  }

  read(): Promise<DraftDocument> {
    return ask(this.#url);
  }

  comments(): Promise<Comments> {
    return ask(`${this.#url}/comments`);
  }

  async comment(place: Place, text: string, nickname: string): Promise<void> {
    await ask(`${this.#url}/comments`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ place, text, ...(nickname && { nickname }) }),
    });
  }
}

/** What the units have to look after. */
export function readBurdens(): Promise<Burdens> {
  return ask("/api/burdens");
}

/** What the villages are called. */
export function readVillages(): Promise<FeatureCollection<null, { name: string; name_en: string | null }>> {
  const query = new URLSearchParams({ f: "json", limit: String(MOST_UNITS), properties: "name,name_en", skipGeometry: "true" });
  return ask(`${itemsUrl("villages")}?${query}`);
}

/** The units of a level as they were at a moment. */
export function readPast(
  layerId: string,
  moment: string,
  signal: AbortSignal,
): Promise<FeatureCollection<Polygon | MultiPolygon>> {
  const query = new URLSearchParams({ f: "json", limit: String(MOST_UNITS), datetime: moment });
  return ask(`${itemsUrl(layerId)}?${query}`, { signal });
}

function draftUrl(id: number, what = ""): string {
  return `/api/drafts/${id}${what && `/${what}`}`;
}
