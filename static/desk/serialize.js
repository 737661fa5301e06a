// The editor's document as the body that the archive keeps, spelt as articles/sanitizer.py spells it.

import { pm } from "django-prose-editor/editor";

const KEPT = {
  A: ["href", "title"], FIGURE: ["data-photo"], TH: ["colspan", "rowspan", "scope"],
  TD: ["colspan", "rowspan"],
};

/** The HTML of a document; nothing for one without content. */
export function bodyOf(doc) {
  const holder = document.implementation.createHTMLDocument("").createElement("div");
  pm.model.DOMSerializer.fromSchema(doc.type.schema).serializeFragment(doc.content, {}, holder);
  for (const cell of holder.querySelectorAll("li, td, th, caption")) unwrap(cell);
  for (const table of holder.querySelectorAll("table")) section(table);
  for (const paragraph of holder.querySelectorAll("p")) if (!paragraph.textContent.trim()) paragraph.remove();
  for (const element of holder.querySelectorAll("*")) strip(element);
  return holder.innerHTML;
}

/** Paragraphs in an item or a cell become its lines. */
function unwrap(cell) {
  for (const paragraph of [...cell.children].filter((child) => child.localName === "p")) {
    const broken = paragraph.nextElementSibling?.localName === "p";
    paragraph.replaceWith(...paragraph.childNodes, ...(broken ? [document.createElement("br")] : []));
  }
}

/** Rows go back into the head and the bodies that they stood in; new ones join their neighbours. */
function section(table) {
  const rows = [...table.querySelectorAll(":scope > tbody > tr")];
  const parts = rows.map((row) => row.dataset.part ?? null);
  table.querySelector(":scope > tbody")?.remove();
  let current = null;
  rows.forEach((row, place) => {
    const part = parts[place] ?? joined(row, current?.part, parts.slice(place + 1));
    if (current?.part !== part) {
      current = { part, element: table.ownerDocument.createElement(part.split("-")[0]) };
      table.append(current.element);
    }
    current.element.append(row);
  });
}

function joined(row, before, after) {
  const headers = [...row.children].every((cell) => cell.localName === "th");
  if (headers && !before?.startsWith("tbody")) return before ?? "thead-new";
  if (before?.startsWith("tbody")) return before;
  return after.find((part) => part?.startsWith("tbody")) ?? "tbody-new";
}

function strip(element) {
  for (const { name, value } of [...element.attributes]) {
    const plain = (name === "colspan" || name === "rowspan") && value === "1";
    if (plain || !KEPT[element.tagName]?.includes(name)) element.removeAttribute(name);
  }
  if (element.tagName === "A") element.setAttribute("rel", "noopener");
}
