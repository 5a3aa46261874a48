// Questions about the town's rules to the server this page came from.

import { ask } from "../../server";
import type { RuleLog, RulesDocument } from "./contract";

export function readRules(): Promise<RulesDocument> {
  return ask("/api/boundary-rules");
}

/** The log, the latest first; what came before a change, or from the last one on. */
export function readRuleLog(before?: number): Promise<RuleLog> {
  return ask(`/api/boundary-rules/changes${before === undefined ? "" : `?before=${before}`}`);
}
