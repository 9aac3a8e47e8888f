"""自己画的画布：一块 HTML 画布，画的点在浏览器里记成坐标，不传图片。"""

import gradio as gr

from paddle_gan.playground.sketch import HALF

SCRIPT = """
const canvas = element.querySelector("canvas"), pen = canvas.getContext("2d");
let points = [], down = false, last = null;
const put = event => {
  const box = canvas.getBoundingClientRect();
  const u = (event.clientX - box.left) / box.width, v = (event.clientY - box.top) / box.height;
  if (last && Math.hypot(u - last[0], v - last[1]) < 0.008) return;
  last = [u, v];
  points.push([+((2 * u - 1) * HALF).toFixed(2), +((1 - 2 * v) * HALF).toFixed(2)]);
  pen.beginPath();
  pen.arc(u * canvas.width, v * canvas.height, 5, 0, 2 * Math.PI);
  pen.fill();
  element.dataset.points = JSON.stringify(points);
};
canvas.addEventListener("pointerdown", event => { down = true; last = null; put(event); });
canvas.addEventListener("pointermove", event => { if (down) put(event); });
addEventListener("pointerup", () => { down = false; });
element.addEventListener("wipe", () => {
  points = []; pen.clearRect(0, 0, canvas.width, canvas.height); delete element.dataset.points;
});
"""
FOUND = "document.querySelector('#sketch [data-points]')"
READ = f"(drawn, method) => [({FOUND} || {{dataset: {{}}}}).dataset.points || '', method]"
CANVAS = "document.querySelector('#sketch canvas')"
WIPE = f"() => {CANVAS}.parentElement.dispatchEvent(new Event('wipe'))"


def sketch_pad() -> gr.HTML:
    """画布；按钮用 READ 把画的点读出来，用 WIPE 擦掉。"""
    return gr.HTML(
        html_template='<canvas class="sketch" width="400" height="400"></canvas>',
        js_on_load=SCRIPT.replace("HALF", str(HALF)),
        elem_id="sketch",
    )
