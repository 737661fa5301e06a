// 发布前检查 while an article is written: asked anew once the editor pauses.

import { post, settled } from "desk/ask";

const PAUSE = 1200;
const panel = document.getElementById("checks");

function watch(form) {
  let asking = null;
  const check = settled(async () => {
    asking?.abort();
    asking = new AbortController();
    const said = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    const fields = [...said, ["number", panel.dataset.number]];
    const response = await post(panel.dataset.url, fields, { signal: asking.signal });
    if (!response) return; // what was said last stays; saving checks again
    panel.innerHTML = await response.text();
  }, PAUSE);
  form.addEventListener("input", check);
  form.addEventListener("change", check);
  // The search boxes and rows of Django's admin speak through its own jQuery.
  window.django?.jQuery(form).on("change", check);
  window.django?.jQuery(document).on("formset:added formset:removed", check);
}

/** Go to where a finding is: a block of the text, a field, a group of rows. */
function jump(event) {
  const link = event.target.closest("a[data-field]");
  if (!link) return;
  event.preventDefault();
  const { field, block } = link.dataset;
  const input = document.getElementById(`id_${field}`);
  if (field === "body") {
    input.dispatchEvent(new CustomEvent("desk:jump", { detail: Number(block) }));
    return;
  }
  const place = input ?? document.getElementById(`${field}-group`);
  place?.scrollIntoView({ block: "center" });
  (input?.nextElementSibling?.querySelector(".select2-selection") ?? input)?.focus({ preventScroll: true });
}

if (panel) {
  watch(panel.closest("form"));
  panel.addEventListener("click", jump);
}
