// What a body may hold: the allow-list of articles/sanitizer.py as the editor's schema.

import {
  Blockquote, Bold, BulletList, Document, Dropcursor, Fullscreen, Gapcursor, HardBreak, Heading,
  History, HorizontalRule, Italic, Link, ListItem, Menu, NoSpellCheck, OrderedList, Paragraph,
  Placeholder, Subscript, Superscript, Text,
} from "django-prose-editor/editor";
import { GROUPS, Items } from "desk/menu";
import { Paste } from "desk/paste";
import { Photo } from "desk/photo";
import { Cell, HeaderCell, Row, Table } from "desk/tables";

// The sanitizer lets an item hold text and lists alone: a picture or a heading in one would be lost.
const Item = ListItem.extend({ content: "paragraph (paragraph | bulletList | orderedList)*" });
const PlainOrderedList = OrderedList.extend({ addAttributes: () => ({}) });
const PlainLink = Link.extend({ addMenuItems: () => undefined });

/** The extensions of one editor; `config` is what articles/admin/body.py says. */
export function extensions(config) {
  return [
    Document, Paragraph, Text, HardBreak, HorizontalRule, Blockquote,
    Heading.configure({ levels: [2, 3] }),
    Bold, Italic, Subscript, Superscript,
    PlainLink.configure({
      autolink: false, enableTarget: false, protocols: ["mailto", "tel"], defaultProtocol: "https",
    }),
    BulletList, PlainOrderedList.configure({ enableListAttributes: false }), Item,
    Table, Row, Cell, HeaderCell,
    Photo.configure(config),
    Paste.configure(config),
    History, Dropcursor, Gapcursor, NoSpellCheck, Fullscreen,
    Placeholder.configure({ placeholder: "在这里写正文。可以直接从 Word、微信和网页粘贴，格式会自动清理。" }),
    Items.configure(config), Menu.configure({ defaultItems: false, groups: GROUPS }),
  ];
}
