// What changes while the page is looked at, as the server pushes it (server-sent events).

// Many changes at once are one reading anew.
const TOGETHER_MS = 500;
const AGAIN_MS = 10_000;
// Responders move all the time: the map follows often, everything else that hangs on them seldom.
const MOVING = "responders";
const MOVED_MS = 2_000;
const SELDOM_MS = 10_000;

type OnTouched = (layerIds: ReadonlySet<string> | null) => void;
type OnMoved = (layerId: string) => void;

/**
 * Tell, from now on, which layers were touched; null where that isn't known: any may have been.
 * In `onMoved` features have only moved.
 */
export function followChanges(onTouched: OnTouched, onMoved: OnMoved = () => undefined): void {
  let stream = new Stream(onTouched, onMoved, null);
  // Browsers open few connections to a server: a page that nobody sees leaves its own to others.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stream.close();
    else {
      if (stream.lastEventId === null) onTouched(null);
      stream = new Stream(onTouched, onMoved, stream.lastEventId);
    }
  });
}

class Stream {
  lastEventId: string | null;
  readonly #onTouched: OnTouched;
  readonly #onMoved: OnMoved;
  readonly #touched = new Set<string>();
  #source: EventSource;
  #timer = 0;
  #moves = 0;
  #due = 0;
  #toldMoves = 0;

  constructor(onTouched: OnTouched, onMoved: OnMoved, lastEventId: string | null) {
    this.#onTouched = onTouched;
    this.#onMoved = onMoved;
    this.lastEventId = lastEventId;
    this.#source = this.#open();
  }

  close(): void {
    this.#source.close();
    window.clearTimeout(this.#timer);
    window.clearTimeout(this.#moves);
    this.#moves = 0;
  }

  #open(): EventSource {
    const resumed = this.lastEventId === null ? "" : `?lastEventId=${this.lastEventId}`;
    const source = new EventSource(`/ogc/subscribe${resumed}`);
    for (const kind of ["insert", "update", "delete"]) {
      source.addEventListener(kind, (event: MessageEvent<string>) => this.#note(event, kind));
    }
    source.addEventListener("moves", () => this.#noteMove());
    // The browser itself goes on from the last event, unless the server refuses.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) this.#startOver();
    });
    return source;
  }

  #note({ data, lastEventId }: MessageEvent<string>, kind: string): void {
    this.lastEventId = lastEventId;
    const { collection } = JSON.parse(data) as { collection: string };
    this.#touched.add(collection);
    const isMove = collection === MOVING && kind === "update";
    if (isMove) this.#noteMove();
    const soon = Date.now() + TOGETHER_MS;
    const due = isMove ? Math.max(soon, this.#toldMoves + SELDOM_MS) : soon;
    if (this.#timer && this.#due <= due) return;
    window.clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = window.setTimeout(() => this.#tell(), due - Date.now());
  }

  #noteMove(): void {
    this.#moves ||= window.setTimeout(() => {
      this.#moves = 0;
      this.#onMoved(MOVING);
    }, MOVED_MS);
  }

  #tell(): void {
    this.#timer = 0;
    if (this.#touched.has(MOVING)) this.#toldMoves = Date.now();
    this.#onTouched(new Set(this.#touched));
    this.#touched.clear();
  }

  #startOver(): void {
    this.close();
    this.lastEventId = null;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      this.#onTouched(null);
      this.#source = this.#open();
    }, AGAIN_MS);
  }
}
