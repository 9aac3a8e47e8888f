// 台账：只看一种结论；网址里的 ?only=holds 也认。
"use strict";

const buttons = [...document.querySelectorAll(".filters button")];

function only(verdict) {
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
  }
  for (const claim of document.querySelectorAll(".claim")) {
    claim.hidden = verdict !== "" && claim.dataset.verdict !== verdict;
  }
}

for (const button of buttons) {
  button.addEventListener("click", () => only(button.dataset.verdict));
}
const asked = new URLSearchParams(location.search).get("only");
if (buttons.some((button) => button.dataset.verdict === asked)) only(asked);
// 目录与别处的链接跳到一条藏起来的：先全部放出来
window.addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.closest(".claim")?.hidden) {
    only("");
    target.scrollIntoView();
  }
});
