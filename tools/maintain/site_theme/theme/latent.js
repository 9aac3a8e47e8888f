// 首页的生成器：z → 全连接、ReLU、…、全连接、Tanh → 28×28 的灰度图，全在网页里算。
"use strict";

const COUNT = 24; // 墙上几张
const WALK = 700; // 走到另一个 z 用多少毫秒
const SIDE = 28;

// float16 → float32：符号 1 位、指数 5 位、尾数 10 位
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const numbers = new Float32Array(bytes.length / 2);
  for (let i = 0; i < numbers.length; i++) numbers[i] = half(bytes[2 * i] | (bytes[2 * i + 1] << 8));
  return numbers;
}

const LAYERS = window.LATENT.layers.map((layer) => ({
  ...layer,
  weight: unpack(layer.weight),
  bias: unpack(layer.bias),
}));
const DIRECTIONS = window.LATENT.directions;
const SIZE = LAYERS[0].inputs;

// y = x·W + b，W 是（输入，输出）
function linear(x, { inputs, outputs, weight, bias }) {
  const y = Float64Array.from(bias);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0, at = i * outputs; j < outputs; j++) y[j] += x[i] * weight[at + j];
  }
  return y;
}

// G(z)：(784,)，在 [−1, 1]
function generate(z) {
  return LAYERS.reduce((h, layer, i) => {
    const last = i === LAYERS.length - 1;
    return linear(h, layer).map(last ? Math.tanh : (v) => Math.max(0, v));
  }, z);
}

// 像素 0–255：与 paddle_gan 的 to_uint8 一样，截断再四舍五入
function pixels(z) {
  return Uint8ClampedArray.from(generate(z), (v) => Math.round((v + 1) * 127.5));
}

function draw(canvas, z) {
  const image = new ImageData(SIDE, SIDE);
  pixels(z).forEach((v, i) => image.data.set([v, v, v, 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// N(0, 1)：Box–Muller
function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

const noise = () => Array.from({ length: SIZE }, normal);
const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);

// 球面插值；共线时走直线
function slerp(a, b, t) {
  const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const omega = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const sine = Math.sin(omega);
  const [p, q] =
    sine < 1e-4 ? [1 - t, t] : [Math.sin((1 - t) * omega) / sine, Math.sin(t * omega) / sine];
  return a.map((v, i) => p * v + q * b[i]);
}

const panel = document.getElementById("latent");
const big = panel.querySelector("canvas");
const wall = panel.querySelector(".wall");
const knobs = [...panel.querySelectorAll("[data-direction]")];
const scale = panel.querySelector("[data-scale]");
let here = noise();
let walking = 0;

// 滑杆挪过的 z：scale·z + Σ 滑杆·方向
function moved() {
  return here.map(
    (v, i) => scale.value * v + knobs.reduce((sum, knob, k) => sum + knob.value * DIRECTIONS[k][i], 0),
  );
}

const refresh = () => draw(big, moved());

function walkTo(target) {
  const [start, from, mine] = [performance.now(), here, ++walking];
  const frame = (now) => {
    if (mine !== walking) return;
    const t = Math.min(1, (now - start) / WALK);
    here = slerp(from, target, t);
    refresh();
    if (t < 1) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function fill() {
  wall.replaceChildren(
    ...Array.from({ length: COUNT }, (_, i) => {
      const z = i ? noise() : here;
      const button = document.createElement("button");
      const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
      button.type = "button";
      button.setAttribute("aria-label", `第 ${i + 1} 个样本`);
      draw(canvas, z);
      button.append(canvas);
      button.addEventListener("click", () => walkTo(z));
      return button;
    }),
  );
}

for (const knob of [...knobs, scale]) knob.addEventListener("input", refresh);
panel.querySelector("button").addEventListener("click", () => {
  for (const knob of knobs) knob.value = 0;
  scale.value = 1;
  walking++;
  here = noise();
  fill();
  refresh();
});
fill();
refresh();
panel.dataset.ready = "true";
window.latent = { pixels };
