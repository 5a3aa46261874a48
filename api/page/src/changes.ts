// What changes while the page is looked at, as the server pushes it (server-sent events).

// Many changes at once are one reading anew.
const TOGETHER_MS = 500;
const AGAIN_MS = 10_000;

type OnTouched = (layerIds: ReadonlySet<string> | null) => void;

/** Tell, from now on, which layers were touched; null where that isn't known: any may have been. */
export function followChanges(onTouched: OnTouched): void {
  let stream = new Stream(onTouched, null);
  // Browsers open few connections to a server: a page that nobody sees leaves its own to others.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stream.close();
    else {
      if (stream.lastEventId === null) onTouched(null);
      stream = new Stream(onTouched, stream.lastEventId);
    }
  });
}

class Stream {
  lastEventId: string | null;
  readonly #onTouched: OnTouched;
  readonly #touched = new Set<string>();
  #source: EventSource;
  #timer = 0;

  constructor(onTouched: OnTouched, lastEventId: string | null) {
    this.#onTouched = onTouched;
    this.lastEventId = lastEventId;
    this.#source = this.#open();
  }

  close(): void {
    this.#source.close();
    window.clearTimeout(this.#timer);
  }

  #open(): EventSource {
    const resumed = this.lastEventId === null ? "" : `?lastEventId=${this.lastEventId}`;
    const source = new EventSource(`/ogc/subscribe${resumed}`);
    for (const kind of ["insert", "update", "delete"]) {
      source.addEventListener(kind, (event: MessageEvent<string>) => this.#note(event));
    }
    // The browser itself goes on from the last event, unless the server refuses.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) this.#startOver();
    });
    return source;
  }

  #note({ data, lastEventId }: MessageEvent<string>): void {
    this.lastEventId = lastEventId;
    this.#touched.add((JSON.parse(data) as { collection: string }).collection);
    this.#timer ||= window.setTimeout(() => this.#tell(), TOGETHER_MS);
  }

  #tell(): void {
    this.#timer = 0;
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
