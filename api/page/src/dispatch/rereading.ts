// Something that is read again and again, and soon where it may have changed.

export class Rereading {
  readonly #read: () => Promise<void>;
  readonly #every_ms: number;
  #timer = 0;
  #dueAt = Infinity;

  /** Reads nothing before it is told to. While nobody looks at the page it waits. */
  constructor(read: () => Promise<void>, every_ms: number) {
    this.#read = read;
    this.#every_ms = every_ms;
  }

  /** Within so long. What is due sooner stays due: in a storm of changes it would never come. */
  within(after_ms: number): void {
    const at = performance.now() + after_ms;
    if (at >= this.#dueAt) return;
    window.clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = window.setTimeout(() => {
      this.#dueAt = Infinity;
      if (document.hidden) this.again();
      else void this.#read();
    }, after_ms);
  }

  /** As nothing is known to have changed. */
  again(): void {
    this.within(this.#every_ms);
  }
}
