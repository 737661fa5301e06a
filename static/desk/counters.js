// How long the text is, as articles/text.py counts it, while it is written.

import { settled } from "desk/ask";

const HAN = /[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{323af}]/gu;
const SPACE = /[\s\u200b\ufeff]+/g;

/** Keep the line under a body's text area true. */
export function countBody(textarea) {
  const line = textarea.closest(".writing")?.querySelector(".writing__length");
  if (!line) return;
  const show = settled(() => {
    const holder = document.createElement("template");
    holder.innerHTML = textarea.value;
    const said = holder.content.textContent.replace(SPACE, "");
    const total = [...said].length;
    const counts = { han: said.match(HAN)?.length ?? 0, total, minutes: Math.ceil(total / line.dataset.pace) };
    for (const [name, number] of Object.entries(counts)) {
      line.querySelector(`[data-count=${name}]`).textContent = number;
    }
  }, 150);
  textarea.addEventListener("input", show);
}

/** Say beside a one-line field how much of its room is used. */
export function countLine(input) {
  const limit = input.maxLength;
  if (limit < 0) return;
  const shown = document.createElement("span");
  shown.className = "writing__room";
  input.after(shown);
  const show = () => {
    const used = [...input.value].length;
    shown.textContent = `${used} / ${limit}`;
    shown.classList.toggle("writing__room--full", used >= limit);
  };
  input.addEventListener("input", show);
  show();
}
