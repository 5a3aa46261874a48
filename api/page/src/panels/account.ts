// Who looks at the page: sign in, or under one's own name the account and sign out.

import type { Session } from "../contract";
import { h } from "../dom";
import { language, t } from "../language";
import { signOut } from "../server";

export function signInLink(): HTMLElement {
  return h("a", { class: "button primary", href: loginPage() }, () => t("signIn"));
}

/** Who has signed in comes back here; from the map, to where they work. */
function loginPage(): string {
  return location.pathname === "/" ? "/login" : `/login?next=${encodeURIComponent(location.pathname)}`;
}

export function accountChip(session: Session): HTMLElement {
  if (!session.signed_in) return h("a", { class: "chip", href: loginPage() }, () => t("signIn"));
  const leave = async () => {
    await signOut(session.csrf_token ?? "");
    location.reload();
  };
  return h(
    "details",
    { class: "account" },
    h("summary", { class: "chip" }, () => roleOf(session)),
    h("p", { class: "small" }, () => t("signedInWhy", { name: session.display_name ?? "", role: roleOf(session) })),
    h(
      "div",
      { class: "entry-row" },
      h("a", { class: "button", href: "/account" }, () => t("account")),
      h("button", { type: "button", class: "quiet", onclick: () => void leave() }, () => t("signOut")),
    ),
  );
}

/** The other page of those who redraw grids; null for everybody else. */
export function otherPageChip({ role, signed_in }: Session): HTMLElement | null {
  const isEditor = location.pathname.endsWith("/grids");
  if (isEditor) return h("a", { class: "chip", href: "/" }, () => t("toMap"));
  const mayDraw = signed_in && (role === "gis_editor" || role === "administrator");
  return mayDraw ? h("a", { class: "chip", href: "/grids" }, () => t("toGrids")) : null;
}

function roleOf(session: Session): string {
  return (language() === "zh" ? session.role_title : session.role_title_en) ?? "";
}
