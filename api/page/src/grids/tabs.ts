// The tabs of the editor's panel.

import type { Tab } from "../panels/sheet";
import { t } from "./texts";

const TABS = ["drafts", "edit", "faults", "changes", "comments", "history", "files"] as const;
export type TabId = (typeof TABS)[number];

const WORDS = {
  drafts: "tabDrafts",
  edit: "tabEdit",
  faults: "tabFaults",
  changes: "tabChanges",
  comments: "tabComments",
  history: "tabHistory",
  files: "tabFiles",
} as const;
const NOT_ON_PHONES: readonly TabId[] = ["edit", "faults", "files"];

export function makeTabs(panels: Record<TabId, HTMLElement>, isPhone: boolean): Tab[] {
  return TABS.filter((id) => !isPhone || !NOT_ON_PHONES.includes(id)).map((id) => ({
    id,
    title: () => t(WORDS[id]),
    content: panels[id],
  }));
}
