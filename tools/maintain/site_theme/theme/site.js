// 每页都有的：画公式；搜索（整段找字，中文不用分词）。
"use strict";

for (const element of document.querySelectorAll(".math")) {
  const displayMode = element.classList.contains("display");
  katex.render(element.textContent.trim(), element, { displayMode, throwOnError: false, strict: false });
}

const HERE = document.currentScript;
const MOST = 30;
const EACH = 4; // 一页最多几处
const NEAR = 44; // 摘一段时，字的前面留多少

// 一个词 → 相邻的两个字一组，整个词找不到时用
function pairs(word) {
  return word.length < 3 ? [word] : Array.from(word.slice(1), (c, i) => word[i] + c);
}

// 一节里一个词有多合适：题目里的比正文里的要紧
function fit([, page, title, text], word) {
  const count = text.toLowerCase().split(word).length - 1;
  const inPage = page.toLowerCase().includes(word) ? 12 : 0;
  const inTitle = title.toLowerCase().includes(word) ? 8 : 0;
  return inPage + inTitle + Math.min(count, 5);
}

// 全部的词都有的节；一节也没有时，看两个字一组的有几成
function find(query, entries) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  let found = entries.map((entry) => {
    const fits = words.map((word) => fit(entry, word));
    return { entry, score: Math.min(...fits) && fits.reduce((a, b) => a + b) * (1 + entry[4] / 4) };
  });
  if (!found.some(({ score }) => score)) {
    const parts = [...new Set(words.flatMap(pairs))];
    found = entries.map((entry) => {
      const share = parts.filter((part) => fit(entry, part)).length / parts.length;
      return { entry, score: share >= 0.6 ? share * entry[4] : 0 };
    });
  }
  const count = new Map();
  const fresh = ({ entry: [, page] }) => count.set(page, (count.get(page) ?? 0) + 1).get(page) <= EACH;
  const sorted = found.filter(({ score }) => score).sort((a, b) => b.score - a.score);
  return sorted.filter(fresh).slice(0, MOST);
}

// 字里的词标出来；只用文本节点，不拼 HTML
function marked(text, words) {
  const span = document.createElement("span");
  const safe = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  text.split(new RegExp(`(${safe.join("|")})`, "i")).forEach((piece, i) => {
    const node = document.createElement(i % 2 ? "mark" : "span");
    node.textContent = piece;
    span.append(node);
  });
  return span;
}

function shown({ entry: [url, page, title, text] }, query) {
  const words = query.split(/\s+/).filter(Boolean);
  const at = text.toLowerCase().indexOf(words[0].toLowerCase());
  const link = document.createElement("a");
  link.href = new URL(url, new URL(HERE.dataset.root, location.href)).href;
  const head = document.createElement("b");
  head.append(marked(page === title ? page : `${page} › ${title}`, words));
  const start = Math.max(0, at - NEAR);
  link.append(head, marked((start ? "…" : "") + text.slice(start, start + 130), words));
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function makeSearch() {
  const dialog = document.createElement("dialog");
  dialog.className = "search";
  dialog.innerHTML =
    '<input type="search" placeholder="搜索：模式崩溃、WGAN、n_critic……" aria-label="搜索">' +
    '<p role="status"></p><ol></ol>';
  document.body.append(dialog);
  const [input, status, list] = dialog.children;
  const answer = () => {
    const found = window.SEARCH ? find(input.value, window.SEARCH) : [];
    list.replaceChildren(...found.map((one) => shown(one, input.value)));
    const many = found.length === MOST ? `前 ${MOST} 处` : `${found.length} 处`;
    status.textContent = input.value.trim() ? (found.length ? many : "没有找到") : "";
  };
  input.addEventListener("input", answer);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") dialog.close(); // 不然头一下只清空输入框
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("a")) dialog.close();
  });
  return () => {
    if (!window.SEARCH && !document.querySelector("script[data-search]")) {
      const script = document.createElement("script");
      script.src = HERE.dataset.data;
      script.dataset.search = "";
      script.onload = answer;
      document.head.append(script);
    }
    dialog.showModal();
    input.select();
  };
}

const open = makeSearch();
const button = document.createElement("button");
button.type = "button";
button.className = "search-button";
button.innerHTML =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d="M9.5 3a6.5 6.5 0 0 1 ' +
  "5.2 10.4l5 5-1.4 1.4-5-5A6.5 6.5 0 1 1 9.5 3m0 2a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9\"/></svg>" +
  "<span>搜索</span><kbd>/</kbd>";
button.setAttribute("aria-label", "搜索");
button.addEventListener("click", open);
document.querySelector(".md-header__inner").append(button);
document.addEventListener("keydown", (event) => {
  // 对话框刚关上时焦点还留在看不见的输入框里，那不算在打字
  const typing = event.target.closest("input, textarea, select, dialog")?.getClientRects().length;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    open();
  }
});
