// What the server says of a suggested rebalance; docs/boundaries-api.md explains every member.

export interface Called {
  id: number;
  code: string;
  name: string;
  name_en: string | null;
}

export interface SuggestedMove extends Called {
  households: number;
  cut_from: Called | null;
  from: Called;
  to: Called;
  village: Called;
}

export interface SuggestedGrid extends Called {
  village: Called;
  /** Households; null where there is no such grid. */
  before: number | null;
  after: number | null;
}

export interface NamedVillage extends Called {
  households: number;
  reason: "indivisible" | "nothing_fits" | "undrawable" | "missed";
  text: string;
  grids: (Called & { households: number })[];
}

export interface Summary {
  band: [least: number, most: number];
  households: number;
  moved: number;
  moved_share: number;
  /** Households that any other way would move as well; 0 where nobody knows. */
  at_least: number;
  compactness: { before: number; after: number };
  outside: { before: number; after: number };
  moves: SuggestedMove[];
  grids: SuggestedGrid[];
  villages: NamedVillage[];
}

export interface SuggestionJob {
  job: string;
  status: "accepted" | "running" | "successful" | "failed" | "dismissed";
  progress: number;
  message: string | null;
  result?: { draft: number | null; summary: Summary } | null;
}
