// Pasting: the server says what a text becomes, by the rules that hold on saving, and what it lost.

import { crel, Extension, pm, Plugin } from "django-prose-editor/editor";
import { post } from "desk/ask";

const CLOSING_FIELDS = ["source", "editor", "byline"];
// What is embedded is lost in any case: its size is sent instead of its megabytes.
const EMBEDDED = /(["'(]data:[a-z0-9/+.-]*)[^"')]{200,}/gi;
const STYLES = /\sstyle\s*=\s*("[^"]*"|'[^']*')/gi;

export const Paste = Extension.create({
  name: "intake",
  addOptions: () => ({ intake: "" }),
  addProseMirrorPlugins() {
    const { editor, options } = this;
    const taken = (data) => {
      const html = data.getData("text/html");
      const plain = data.getData("text/plain");
      if (html.includes("data-pm-slice")) return null; // copied in this editor
      if (!html && !plain) return data.files.length ? {} : null;
      return html ? { pasted: shorten(html) } : { plain };
    };
    const bring = async (view, what) => {
      if (!what.pasted && !what.plain) {
        notify(editor, ["图片文件不能直接粘贴进正文：请先放进图库，再从图库插入。"]);
        return;
      }
      const place = follow(editor, view.state.selection);
      const answer = await post(options.intake, { ...what, ...held() });
      const selection = place();
      if (answer) {
        const { body, fields, notices } = await answer.json();
        insert(view, body, selection);
        fill(fields);
        notify(editor, notices);
        return;
      }
      if (what.pasted) view.pasteHTML(what.pasted.replace(STYLES, ""));
      else view.pasteText(what.plain);
      notify(editor, ["连不上服务器，粘贴的内容还没有清理，保存时会再清理；其中的图片没有带进来。"]);
    };
    return [
      new Plugin({
        props: {
          // Before ProseMirror reads what comes: its reading would meet styles and pictures.
          handleDOMEvents: {
            paste(view, event) {
              const what = taken(event.clipboardData);
              const address = /^https?:\/\/\S+$/.test(what?.plain?.trim() ?? "");
              if (!what || (address && !view.state.selection.empty)) return false; // it links words
              event.preventDefault();
              bring(view, what);
              return true;
            },
            drop(view, event) {
              const what = view.dragging ? null : taken(event.dataTransfer);
              if (!what) return false;
              const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
              if (at) {
                const near = pm.state.Selection.near(view.state.doc.resolve(at.pos));
                view.dispatch(view.state.tr.setSelection(near));
              }
              event.preventDefault();
              bring(view, what);
              return true;
            },
          },
        },
      }),
    ];
  },
});

function shorten(text) {
  return text.replace(EMBEDDED, (whole, start) => `${start};bytes=${Math.round(whole.length * 0.75)}`);
}

/** Where something is to go, though the text around it changes while the server is asked. */
function follow(editor, selection) {
  let bookmark = selection.getBookmark();
  const carry = ({ transaction }) => {
    bookmark = bookmark.map(transaction.mapping);
  };
  editor.on("transaction", carry);
  return () => {
    editor.off("transaction", carry);
    return bookmark.resolve(editor.state.doc);
  };
}

/** Put a body in the place of a selection; its first and last paragraphs join the text there. */
function insert(view, body, selection) {
  const holder = document.createElement("template");
  holder.innerHTML = body;
  const { content } = pm.model.DOMParser.fromSchema(view.state.schema).parse(holder.content);
  const open = (node) => (node?.type.name === "paragraph" ? 1 : 0);
  const slice = new pm.model.Slice(content, open(content.firstChild), open(content.lastChild));
  if (!body) return;
  const pasted = view.state.tr.setSelection(selection).replaceSelection(slice).scrollIntoView();
  view.dispatch(pm.history.closeHistory(pasted)); // undone by itself, however quickly one went on
}

/** What the fields hold that a closing line may fill; nothing on a form without them. */
function held() {
  const inputs = CLOSING_FIELDS.map((name) => [name, document.getElementById(`id_${name}`)]);
  if (inputs.some(([, input]) => !input)) return {};
  return Object.fromEntries(inputs.map(([name, input]) => [name, input.value]));
}

function fill({ source, ...texts }) {
  for (const [name, text] of Object.entries(texts)) {
    const input = document.getElementById(`id_${name}`);
    if (!text || !input) continue;
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const select = document.getElementById("id_source");
  if (!source || !select) return;
  const present = [...select.options].some((option) => option.value === String(source.id));
  if (!present) select.append(new Option(source.text, source.id));
  select.value = source.id;
  window.django?.jQuery(select).trigger("change"); // its search box shows what is chosen
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Say something above the text, until the editor has read it. */
export function notify(editor, sentences) {
  const board = editor.options.element.closest(".writing").querySelector(".writing__notices");
  for (const sentence of sentences) {
    const done = crel("button", { type: "button", textContent: "知道了" });
    const notice = crel("div", { className: "writing__notice" }, [crel("p", { textContent: sentence }), done]);
    done.addEventListener("click", () => notice.remove());
    board.append(notice);
  }
}
