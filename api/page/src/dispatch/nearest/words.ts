// The texts of this subject, and those that come from the server in both languages.

import { pick, translator, type Words } from "../../language";
import type { Both } from "./contract";
import { NEAREST_TEXTS } from "./texts";

export const t = translator(NEAREST_TEXTS);

export function both({ zh, en }: Both): Words {
  return () => pick(zh, en);
}
