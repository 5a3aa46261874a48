// Beside each candidate what sending it costs: the coverage that the town loses meanwhile.

import type { Responder } from "../contract";
import { h } from "../dom";
import { translator } from "../language";
import { ask } from "../server";

const t = translator({
  single: ["派出后,{share} 的预期事件 3 分钟内无人可到", "If sent, {share} of expected incidents have nobody within 3 min"],
  double: ["派出后,{share} 的预期事件只剩一队可到", "If sent, {share} of expected incidents have one team only"],
  nothing: ["派出不影响覆盖", "If sent, coverage stays as it is"],
});

/** Shares of the expected incidents. */
interface Price {
  single_lost: number;
  double_lost: number;
}

// Below that a share is no news.
const LEAST = 0.0005;

/** Ask for the prices of some candidates and write them into their rows, which are in `place`. */
export async function showPrices(place: HTMLElement, responders: readonly Responder[]): Promise<void> {
  if (!responders.length) return;
  const keys = encodeURIComponent(responders.map(({ key }) => key).join(","));
  const url = `/api/response-coverage/price?keys=${keys}`;
  // A price is a hint: without it the answer stands as it is.
  const found = await ask<{ prices: Record<string, Price> }>(url).catch(() => null);
  for (const row of place.querySelectorAll<HTMLElement>(".responders [data-key]")) {
    const price = found?.prices[row.dataset.key ?? ""];
    if (!price || row.querySelector(".price")) continue;
    row.append(h("span", { class: "between price" }, () => inWords(price)));
  }
}

function inWords({ single_lost, double_lost }: Price): string {
  if (single_lost >= LEAST) return t("single", { share: percent(single_lost) });
  return double_lost >= LEAST ? t("double", { share: percent(double_lost) }) : t("nothing");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
