// The desk's editor: puts rich text in the place of each body's text area.

import { crel, Editor, initializeEditors } from "django-prose-editor/editor";
import { countBody, countLine } from "desk/counters";
import { notify } from "desk/paste";
import { extensions } from "desk/schema";
import { bodyOf } from "desk/serialize";

const MARKER = "data-django-prose-editor-desk";

function create(textarea) {
  if (textarea.closest(".prose-editor")) return;
  const config = { ...JSON.parse(textarea.getAttribute(MARKER)), article: textarea.dataset.article ?? "" };
  const element = crel("div", { className: "prose-editor" });
  let written = textarea.value;
  textarea.before(element);
  element.append(textarea);
  const editor = new Editor({
    element,
    editable: !textarea.disabled,
    extensions: extensions(config),
    content: textarea.value,
    injectCSS: false, // the policy lets no script write style sheets; desk/writing.css has it
    enableInputRules: false, // “1. ” and “- ” are how Chinese texts begin a line, too
    enablePasteRules: false,
    editorProps: { attributes: { "aria-label": "正文", lang: "zh-CN" } },
    onUpdate() {
      written = textarea.value = bodyOf(editor.state.doc);
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  if (loses(textarea.value, bodyOf(editor.state.doc))) {
    notify(editor, ["这篇正文里有编辑器放不下的内容，请直接改下面的源代码。"]);
    editor.destroy();
    element.before(textarea);
    element.remove();
    return;
  }
  // Whoever sets the text area (a restored draft, an older version) sets the editor.
  textarea.addEventListener("input", () => {
    if (textarea.value !== written) editor.commands.setContent((written = textarea.value));
  });
  editor.on("create", () => {
    const menu = element.querySelector(".prose-menubar");
    menu.setAttribute("role", "toolbar");
    menu.setAttribute("aria-label", "正文的格式");
  });
  textarea.addEventListener("desk:jump", (event) => jump(editor, event.detail));
  textarea.dispatchEvent(new CustomEvent("prose-editor:ready", { detail: { editor, textarea }, bubbles: true }));
}

/** Whether a body would lose words or elements in the editor. Nothing that was cleaned should. */
function loses(before, after) {
  const told = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const words = holder.content.textContent.replace(/\s+/g, "");
    const addresses = [...holder.content.querySelectorAll("a")].map((a) => a.getAttribute("href"));
    const counted = ["figure", "table", "caption", "tr", "td, th", "li", "hr", "h2, h3"];
    const counts = counted.map((tags) => holder.content.querySelectorAll(tags).length);
    return JSON.stringify([words, [...new Set(addresses)], counts]);
  };
  return told(before) !== told(after);
}

/** Show a block of the text, counted from 1 as a clean body counts: without empty ones. */
function jump(editor, number) {
  const blocks = [...editor.view.dom.children].filter((block) => block.textContent.trim() || block.matches("figure, hr, table"));
  const block = blocks[number - 1];
  if (!block) return editor.commands.focus();
  editor.chain().focus().setTextSelection(editor.view.posAtDOM(block, 0)).run();
  return block.scrollIntoView({ block: "center" });
}

initializeEditors(create, `[${MARKER}]`);
document.querySelectorAll(`[${MARKER}]`).forEach(countBody);
document.querySelectorAll("#id_title, #id_original_title").forEach(countLine);
