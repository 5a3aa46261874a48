// The texts of this subject, and how shares are written.

import { translator } from "../../language";
import { COVERAGE_TEXTS } from "./texts";

export const t = translator(COVERAGE_TEXTS);

/** Rounded down: never a promise too much. */
export function percent(share: number | null, decimals = 0): string {
  if (share === null) return "–";
  const scale = 10 ** decimals;
  return `${(Math.floor(share * 100 * scale + 1e-9) / scale).toFixed(decimals)}%`;
}
