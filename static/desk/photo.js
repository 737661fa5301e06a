// A photo of the library in the text: <figure data-photo="TOKEN">, shown with its caption.

import { crel, Node } from "django-prose-editor/editor";
import { get, settled } from "desk/ask";
import { pick } from "desk/picker";

const AT_ONCE = 100; // an address has room for no more
const known = new Map(); // token → what the library says of it
let waiting = new Map(); // token → those who want to know

export const Photo = Node.create({
  name: "photo",
  group: "block",
  atom: true,
  draggable: true,
  addOptions: () => ({ photos: "", upload: "", article: "" }),
  addAttributes: () => ({
    token: {
      default: "",
      parseHTML: (figure) => figure.dataset.photo,
      renderHTML: ({ token }) => ({ "data-photo": token }),
    },
  }),
  parseHTML: () => [{ tag: "figure[data-photo]" }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes],
  addNodeView() {
    return ({ node, editor, getPos }) => {
      const remove = crel("button", { type: "button", className: "placed__remove", textContent: "移除", title: "把图片移出正文，图库里仍有" });
      const inside = crel("div", { className: "placed__inside" });
      const dom = crel("figure", { className: "placed", "data-photo": node.attrs.token, contentEditable: "false" }, [inside, remove]);
      remove.addEventListener("click", () => {
        editor.chain().focus().deleteRange({ from: getPos(), to: getPos() + node.nodeSize }).run();
      });
      describe(node.attrs.token, this.options, (photo) => inside.replaceChildren(...shown(photo)));
      return { dom, stopEvent: (event) => event.target === remove, ignoreMutation: () => true };
    };
  },
  addCommands() {
    return {
      pickPhoto: () => ({ editor }) => {
        pick(this.options).then((photo) => {
          if (!photo) return;
          known.set(photo.token, photo);
          const content = { type: this.name, attrs: { token: photo.token } };
          editor.chain().focus().insertContent(content).run();
        });
        return true;
      },
    };
  },
});

function shown(photo) {
  if (!photo) return [crel("p", { className: "placed__missing", textContent: "图库里没有这张图片，读者看不到它。" })];
  const words = [photo.caption, photo.credit].filter(Boolean).join("　");
  return [
    crel("img", { src: photo.thumbnail, alt: photo.alt, draggable: false }),
    crel("figcaption", { textContent: words || "没有图注" }),
    ...(photo.alt ? [] : [crel("p", { className: "placed__missing", textContent: "没有替代文字" })]),
  ];
}

/** Tell `told` of a photo once the library has answered; those asked for together are one request. */
function describe(token, options, told) {
  if (known.has(token)) return told(known.get(token));
  waiting.set(token, [...(waiting.get(token) ?? []), told]);
  return ask(options);
}

const ask = settled(async ({ photos, article }) => {
  const asked = waiting;
  waiting = new Map();
  const tokens = [...asked.keys()].map((token) => ["token", token]);
  for (let start = 0; start < tokens.length; start += AT_ONCE) {
    const query = [...tokens.slice(start, start + AT_ONCE), ["article", article ?? ""]];
    const response = await get(photos, query);
    if (!response) return;
    for (const photo of (await response.json()).photos) known.set(photo.token, photo);
  }
  for (const [token, all] of asked) for (const told of all) told(known.get(token));
}, 10);
