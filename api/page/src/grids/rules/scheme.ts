// The scheme of codes as it is written: how many digits each level adds.

/** Digits of town, village, grid and micro-grid; null where the text is no scheme. */
export function digitsOf(text: string): number[] | null {
  if (!/^[0-9+, ]{1,60}$/.test(text)) return null;
  const digits = text.split(",").map((part) => part.split("+").reduce((sum, each) => sum + numberIn(each), 0));
  return digits.length === 4 && digits.every((each) => each >= 1 && each <= 12) ? digits : null;
}

/** The first micro-grid's code of a town, its levels set apart. */
export function exampleOf(digits: readonly number[], townCode: string): string {
  return digits
    .map((width, level) => (level ? "1".padStart(width, "0") : townCode.slice(0, width).padEnd(width, "0")))
    .join(" ");
}

function numberIn(text: string): number {
  return /^\s*\d+\s*$/.test(text) ? Number(text) : NaN;
}
