// Rings and shakes for a new order, until it is answered.

const AGAIN_MS = 2500;
const SHAKE = [400, 150, 400, 150, 700];

/** Browsers make no sound before the first touch: `unlock` is called at each. */
export class Alarm {
  #sound: AudioContext | null = null;
  #timer = 0;

  get canSound(): boolean {
    return this.#sound?.state === "running";
  }

  async unlock(): Promise<void> {
    this.#sound ??= new AudioContext();
    await this.#sound.resume();
  }

  start(): void {
    if (this.#timer) return;
    this.#ring();
    this.#timer = window.setInterval(() => this.#ring(), AGAIN_MS);
  }

  stop(): void {
    if (!this.#timer) return;
    window.clearInterval(this.#timer);
    this.#timer = 0;
    if ("vibrate" in navigator) navigator.vibrate(0);
  }

  #ring(): void {
    if ("vibrate" in navigator) navigator.vibrate(SHAKE);
    const sound = this.#sound;
    if (!sound || sound.state !== "running") return;
    [0, 0.3, 0.6].forEach((after, nth) => this.#tone(sound, sound.currentTime + after, nth % 2 ? 660 : 880));
  }

  #tone(sound: AudioContext, at: number, pitch: number): void {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.35, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.25);
    tone.connect(volume).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.26);
  }
}
