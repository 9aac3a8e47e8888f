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


PAPER = """
const canvas = element.querySelector("canvas"), pen = canvas.getContext("2d");
let down = false;
const blank = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); };
const at = event => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width * canvas.width,
    (event.clientY - box.top) / box.height * canvas.height];
};
blank();
pen.lineWidth = 20; pen.lineCap = pen.lineJoin = "round";
canvas.addEventListener("pointerdown", event => {
  down = true; pen.beginPath(); pen.moveTo(...at(event));
});
canvas.addEventListener("pointermove", event => {
  if (down) { pen.lineTo(...at(event)); pen.stroke(); }
});
addEventListener("pointerup", () => { down = false; });
element.addEventListener("wipe", blank);
"""
DRAWN = "document.querySelector('#paper canvas').toDataURL('image/png')"
PICTURE = f"(name, direction, text) => [name, direction, {DRAWN}]"


def wipe(name: str) -> str:
    """擦掉一块画布。"""
    canvas = f"document.querySelector('#{name} canvas')"
    return f"() => {canvas}.parentElement.dispatchEvent(new Event('wipe'))"


def board(name: str, script: str) -> gr.HTML:
    """一块画布。"""
    return gr.HTML(
        html_template='<canvas class="sketch" width="320" height="320"></canvas>',
        js_on_load=script,
        elem_id=name,
    )


def sketch_pad() -> gr.HTML:
    """点的画布：用 READ 把画的点读出来。"""
    return board("sketch", SCRIPT.replace("HALF", str(HALF)))


def paper(name: str) -> gr.HTML:
    """写字的画布：白底黑字，用 PICTURE 读成一张图。"""
    return board(name, PAPER)
