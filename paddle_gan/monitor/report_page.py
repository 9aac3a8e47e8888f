"""静态报告的样式与脚本：原样写进 HTML，不引用任何外部文件。"""

STYLE = """
:root { --ink: #1f2328; --soft: #59636e; --line: #d8dee4; --back: #f6f8fa; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px; color: var(--ink); line-height: 1.6;
  font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 36px 0 8px; padding-bottom: 4px;
  border-bottom: 2px solid var(--line); }
h3 { font-size: 15px; margin: 0; }
code { font-size: 12px; color: var(--soft); background: var(--back);
  padding: 1px 5px; border-radius: 4px; }
.runs { position: sticky; top: 0; z-index: 1; background: #fff; padding: 6px 0; }
.soft { color: var(--soft); font-size: 13px; }
.cards { display: flex; flex-wrap: wrap; gap: 14px; margin-top: 14px; }
.card { flex: 1 1 340px; border: 1px solid var(--line); border-left: 6px solid #cf222e;
  border-radius: 8px; padding: 10px 14px; }
.card.ok { border-left-color: #1a7f37; }
.card.none { border-left-color: #9a6700; }
.card .verdict { font-size: 19px; font-weight: 700; }
.card ul { margin: 4px 0; padding-left: 18px; font-size: 14px; }
.dot { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 6px; }
table { border-collapse: collapse; font-size: 14px; margin-top: 8px; }
td, th { border-bottom: 1px solid var(--line); padding: 3px 14px 3px 0; text-align: right; }
td:first-child, th:first-child { text-align: left; }
.panel { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 18px;
  padding: 12px 0; border-bottom: 1px solid var(--line); }
.panel dl { margin: 4px 0 0; font-size: 13px; }
.panel dt { float: left; width: 3em; color: var(--soft); }
.panel dd { margin: 0 0 2px 3.4em; }
.panel dd.danger { color: #a40e26; }
svg { width: 100%; height: auto; display: block; font-size: 11px; fill: var(--soft); }
svg .grid { stroke: var(--line); } svg .axis { stroke: var(--soft); }
svg .cursor { stroke: var(--soft); stroke-dasharray: 3 3; }
svg text { fill: var(--soft); }
.frames { display: flex; flex-wrap: wrap; gap: 14px; }
.frames figure { margin: 0; flex: 1 1 200px; max-width: 480px; }
.frames img { width: 100%; image-rendering: auto; border: 1px solid var(--line); }
.frames figcaption { font-size: 13px; }
.frame { display: none; } .frame.shown { display: block; }
input[type=range] { width: 100%; }
#tip { position: fixed; pointer-events: none; background: #fff; border: 1px solid var(--line);
  border-radius: 6px; padding: 4px 8px; font-size: 12px; display: none;
  box-shadow: 0 2px 8px #0002; }
@media (max-width: 800px) { .panel { grid-template-columns: 1fr; } }
"""

SCRIPT = """
const charts = JSON.parse(document.getElementById("data").textContent);
const tip = document.getElementById("tip");
const format = v => Math.abs(v) >= 1e6 || (v && Math.abs(v) < 1e-3) ? v.toExponential(2)
  : String(+v.toPrecision(4));
document.querySelectorAll("svg.chart").forEach((svg, index) => {
  const [low, high, left, right] = charts[index].x, cursor = svg.querySelector(".cursor");
  svg.addEventListener("mousemove", event => {
    const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
    const pixel = (event.clientX - box.left) * scale;
    const step = low + (pixel - left) / (right - left) * (high - low);
    tip.replaceChildren();
    let nearest = Infinity;
    for (const line of charts[index].lines) {
      let best = 0;
      line.steps.forEach((s, i) => {
        if (Math.abs(s - step) < Math.abs(line.steps[best] - step)) best = i;
      });
      const shown = line.steps[best];
      if (Math.abs(shown - step) < Math.abs(nearest - step)) nearest = shown;
      const row = document.createElement("div");
      row.textContent = `${line.name} 第 ${shown} 步：${format(line.values[best])}`;
      row.style.color = line.color;
      tip.append(row);
    }
    const x = left + (nearest - low) / (high - low) * (right - left);
    cursor.setAttribute("x1", x); cursor.setAttribute("x2", x);
    tip.style.display = "block";
    tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = event.clientY + 14 + "px";
  });
  svg.addEventListener("mouseleave", () => {
    tip.style.display = "none"; cursor.setAttribute("x1", -9); cursor.setAttribute("x2", -9);
  });
});
document.querySelectorAll(".slides").forEach(slides => {
  const slider = slides.querySelector("input");
  slider.addEventListener("input", () => slides.querySelectorAll("figure").forEach(figure => {
    const frames = figure.querySelectorAll(".frame");
    const chosen = Math.round(slider.value / slider.max * (frames.length - 1));
    frames.forEach((frame, i) => frame.classList.toggle("shown", i === chosen));
  }));
});
"""
