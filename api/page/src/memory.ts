// What the page remembers in this browser; a browser that refuses to remember is no error.

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`gridwhistle.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`gridwhistle.${name}`, value);
  } catch {
    // Private windows and full disks refuse; the choice then lasts as long as the page.
  }
}
