// Keys of the dispatcher's page: a number looks at a candidate, Escape takes a step back. The search
// box has its own.

interface Hands {
  /** The nth candidate, from 1. */
  onNumber: (n: number) => void;
  onEscape: () => void;
}

export function followKeys(hands: Hands): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTypedInto(event.target)) return;
    if (event.key === "Escape") hands.onEscape();
    else if (/^[1-9]$/.test(event.key)) {
      event.preventDefault();
      hands.onNumber(Number(event.key));
    }
  });
}

/** Lists of choices take keys too. */
function isTypedInto(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
