// The editor's menu, in Chinese throughout.

import { Extension, pm } from "django-prose-editor/editor";

export const GROUPS = [
  { group: "headings" }, { group: "marks" }, { group: "blocks" }, { group: "inserts" },
  { group: "link" }, { group: "table" }, { group: "history" }, { group: "view" },
];

const inTable = (editor) => editor.isActive("table");
const toggles = (name) => (editor) => editor.isActive(name);
const run = (command, ...args) => (editor) => editor.chain().focus()[command](...args).run();

// name, groups, button, command, and what else the menu may know of an item.
const items = ({ text, material }) => [
  ["h2", "headings", text("小标题", "小标题（Ctrl+Alt+2）"), run("toggleHeading", { level: 2 }),
    { active: (editor) => editor.isActive("heading", { level: 2 }) }],
  ["h3", "headings", text("次标题", "次一级的小标题（Ctrl+Alt+3）"), run("toggleHeading", { level: 3 }),
    { active: (editor) => editor.isActive("heading", { level: 3 }) }],
  ["bold", "marks", material("format_bold", "加粗（Ctrl+B）"), run("toggleBold"), { active: toggles("bold") }],
  ["em", "marks", material("format_italic", "着重号（Ctrl+I）"), run("toggleItalic"), { active: toggles("italic") }],
  ["sub", "marks", material("subscript", "下标"), run("toggleSubscript"), { active: toggles("subscript") }],
  ["sup", "marks", material("superscript", "上标"), run("toggleSuperscript"), { active: toggles("superscript") }],
  ["bullets", "blocks", material("format_list_bulleted", "项目列表"), run("toggleBulletList"), { active: toggles("bulletList") }],
  ["numbers", "blocks", material("format_list_numbered", "编号列表"), run("toggleOrderedList"), { active: toggles("orderedList") }],
  ["quote", "blocks", material("format_quote", "引文"), run("toggleBlockquote"), { active: toggles("blockquote") }],
  ["photo", "inserts", text("图片", "从图库插入图片"), run("pickPhoto")],
  ["break", "inserts", material("keyboard_return", "段内换行（Shift+Enter）"), run("setHardBreak")],
  ["rule", "inserts", material("horizontal_rule", "分隔线"), run("setHorizontalRule")],
  ["newTable", "inserts", material("table_chart", "插入表格"),
    run("insertTable", { rows: 3, cols: 3, withHeaderRow: true }), { hidden: inTable }],
  ["link", "link", material("insert_link", "链接：先选中文字（Ctrl+K）"), run("addLink"),
    { active: toggles("link"), enabled: (editor) => !editor.state.selection.empty || editor.isActive("link") }],
  ["unlink", "link", material("link_off", "去掉链接"), run("unsetLink"), { hidden: (editor) => !editor.isActive("link") }],
  ...[
    ["caption", "表格标题", "editCaption"], ["rowBelow", "加行", "addRowAfter"],
    ["rowGone", "删行", "deleteRow"], ["columnRight", "加列", "addColumnAfter"],
    ["columnGone", "删列", "deleteColumn"], ["header", "表头", "toggleHeaderCell"],
    ["merge", "合并", "mergeCells"], ["split", "拆分", "splitCell"], ["tableGone", "删表", "deleteTable"],
  ].map(([name, label, command]) => [name, "table", text(label, label), run(command), { hidden: (editor) => !inTable(editor) }]),
  ["undo", "history", material("undo", "撤销（Ctrl+Z）"), run("undo"), { enabled: (editor) => pm.history.undoDepth(editor.state) > 0 }],
  ["redo", "history", material("redo", "重做（Ctrl+Y）"), run("redo"), { enabled: (editor) => pm.history.redoDepth(editor.state) > 0 }],
  ["fullscreen", "view", material("fullscreen", "全屏写作（F11）"), run("toggleFullscreen"),
    { active: (editor) => editor.storage.fullscreen.fullscreen }],
];

export const Items = Extension.create({
  name: "items",
  addMenuItems({ menu, buttons }) {
    items(buttons).forEach(([name, groups, button, command, more], place) => {
      menu.defineItem({ name, groups, button, command, priority: 1000 - place, ...more });
    });
  },
});
