// What the server says of the town's rules; docs/boundaries-api.md explains every member.

export type Band = [least: number, most: number];
export type BandLevel = "2" | "3" | "4";

export interface Rules {
  bands: Partial<Record<BandLevel, Band>>;
  min_area_m2: number;
  min_width_m: number;
  code_scheme: string;
}

/** One change: of a level's band, or of the measures and the scheme; null stands for the defaults. */
export interface RuleChange {
  id: number;
  at: string;
  /** Null: the operator at the machine. */
  by: number | null;
  by_name: string | null;
  before: ChangedRow | null;
  after: ChangedRow | null;
}

export type ChangedRow = Partial<{
  level: number;
  least: number;
  most: number;
  min_area_m2: number;
  min_width_m: number;
  code_scheme: string;
}>;

export interface RulesDocument {
  rules: Rules;
  defaults: Rules;
  /** Between which numbers a rule has to be. */
  limits: { households: Band; min_area_m2: Band; min_width_m: Band };
  may_set: boolean;
  changes: RuleChange[];
}

export interface RuleLog {
  changes: RuleChange[];
  /** `before` of the next page; null on the last. */
  next: number | null;
}
