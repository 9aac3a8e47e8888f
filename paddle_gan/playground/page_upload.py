"""上传之前先看文件多大：太大的不传，在网页上说一句话。Gradio 自己的那一句是英文。"""

import gradio as gr

LARGEST = 4  # MB；一个上传的文件最大多少
SCRIPT = """
const said = element.querySelector("p");
const look = (event, files) => {
  if (!event.target.closest?.("#NAME")) return;
  const large = [...(files || [])].find(file => file.size > LARGEST * 2 ** 20);
  said.textContent = "";
  if (!large) return;
  const size = (large.size / 2 ** 20).toFixed(1);
  said.textContent = `${large.name} 有 ${size} MB，一个文件至多 LARGEST MB；HINT`;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.type === "change") event.target.value = "";  // 同一个文件改小了，可以再选
  else event.target.dispatchEvent(new Event("dragleave", { bubbles: true }));
};
document.addEventListener("change", event => look(event, event.target.files), true);
document.addEventListener("drop", event => look(event, event.dataTransfer?.files), true);
"""


def upload_guard(name: str, hint: str) -> gr.HTML:
    """守着 elem_id 是 name 的 gr.File；hint 是太大了怎么办。"""
    script = SCRIPT.replace("NAME", name).replace("LARGEST", str(LARGEST)).replace("HINT", hint)
    template = '<p class="too_large" role="alert"></p>'
    return gr.HTML(html_template=template, js_on_load=script, elem_id=f"{name}_said")
