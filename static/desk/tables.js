// Tables without loss: a caption, head and body rows, and a header cell's scope come through.

import {
  Table as BaseTable, TableCell, TableHeader, TableRow, updateAttrsDialog,
} from "django-prose-editor/editor";

// The sanitizer lets a cell hold lines of text alone.
export const Cell = TableCell.extend({ content: "paragraph+" });

export const HeaderCell = TableHeader.extend({
  content: "paragraph+",
  addAttributes() {
    return { ...this.parent?.(), scope: { default: null } };
  },
});

export const Row = TableRow.extend({
  addAttributes() {
    return {
      part: {
        default: null,
        parseHTML: partOf,
        renderHTML: ({ part }) => (part ? { "data-part": part } : {}),
      },
    };
  },
});

/** Which section of its table a row stands in: thead-0, tbody-1 … */
function partOf(row) {
  const section = row.parentElement;
  if (!section?.matches("thead, tbody")) return null;
  const place = [...section.parentElement.children].indexOf(section);
  return `${section.localName}-${place}`;
}

/** A table's caption as HTML, with what a caption may hold; anything else leaves its words alone. */
function captionOf(table) {
  const caption = table.querySelector(":scope > caption");
  if (!caption) return "";
  const foreign = [...caption.querySelectorAll("*")].some((element) => {
    if (element.localName === "a") return !/^(https?:|mailto:|tel:|[/#])/i.test(element.getAttribute("href"));
    return !element.matches("strong, em, sub, sup, br") || element.attributes.length;
  });
  if (foreign) caption.textContent = caption.textContent.trim();
  for (const link of caption.querySelectorAll("a")) {
    for (const { name } of [...link.attributes]) if (!/^(href|title|rel)$/.test(name)) link.removeAttribute(name);
  }
  return caption.innerHTML;
}

const askCaption = updateAttrsDialog(
  { caption: { type: "string", title: "表格标题" } },
  { title: "表格标题" },
);

export const Table = BaseTable.extend({
  addMenuItems: () => undefined,
  addNodeView: () => null, // ours is drawn by renderHTML, its caption included
  addAttributes() {
    return {
      caption: {
        default: "",
        parseHTML: captionOf,
        renderHTML: () => ({}),
      },
    };
  },
  parseHTML: () => [{ tag: "table" }, { tag: "caption", ignore: true }],
  renderHTML({ node }) {
    const dom = document.createElement("table");
    if (node.attrs.caption) {
      const caption = document.createElement("caption");
      caption.innerHTML = node.attrs.caption; // see captionOf
      caption.contentEditable = "false";
      dom.append(caption);
    }
    const contentDOM = document.createElement("tbody");
    dom.append(contentDOM);
    return { dom, contentDOM };
  },
  addCommands() {
    return {
      ...this.parent?.(),
      editCaption: () => ({ editor }) => {
        const holder = document.createElement("div");
        holder.innerHTML = editor.getAttributes("table").caption ?? "";
        const before = holder.textContent;
        askCaption(editor, { caption: before }).then((said) => {
          if (!said || said.caption === before) return;
          holder.textContent = said.caption.trim();
          editor.chain().focus().updateAttributes("table", { caption: holder.innerHTML }).run();
        });
        return true;
      },
    };
  },
});
