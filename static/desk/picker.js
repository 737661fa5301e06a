// Choosing a photo of the library: a dialog that searches, newest first.

import { crel } from "django-prose-editor/editor";
import { get, settled } from "desk/ask";

/** The chosen photo as the library describes it, or null. */
export function pick({ photos, upload, article }) {
  return new Promise((resolve) => {
    const search = crel("input", { type: "search", placeholder: "图注、替代文字、署名、文件名", "aria-label": "查找图片" });
    const grid = crel("div", { className: "picker__grid" });
    const said = crel("p", { className: "picker__said", role: "status" });
    const more = crel("button", { type: "button", className: "picker__more", textContent: "更多", hidden: true });
    const close = crel("button", { type: "button", textContent: "取消" });
    const add = crel("a", { href: upload, target: "_blank", textContent: "上传新图片" });
    const dialog = crel("dialog", { className: "picker", "aria-label": "从图库插入图片" }, [
      crel("div", { className: "picker__head" }, [crel("h2", { textContent: "从图库插入图片" }), search, add, close]),
      grid, said, more,
    ]);
    let chosen = null;
    let next = null;
    let asked = 0;

    const tile = (photo) => {
      const words = photo.caption || photo.alt || photo.name;
      const button = crel("button", { type: "button", className: "picker__photo", title: words }, [
        crel("img", { src: photo.thumbnail, alt: photo.alt, loading: "lazy" }),
        crel("span", { textContent: words }),
      ]);
      button.addEventListener("click", () => {
        chosen = photo;
        dialog.close();
      });
      return button;
    };
    const fill = async (before) => {
      const number = ++asked;
      const response = await get(photos, { q: search.value, article: article ?? "", ...(before ? { before } : {}) });
      if (number !== asked) return; // something else was typed meanwhile
      const found = response ? await response.json() : { photos: [], more: null };
      const tiles = found.photos.map(tile);
      if (before) grid.append(...tiles);
      else grid.replaceChildren(...tiles);
      next = found.more;
      more.hidden = !next;
      said.textContent = response ? (grid.children.length ? "" : "没有找到图片。") : "连不上图库，请稍后再试。";
      if (before) tiles[0]?.focus();
    };

    search.addEventListener("input", settled(() => fill(), 250));
    // Enter searches; it must not send the form around the editor.
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    more.addEventListener("click", () => fill(next));
    close.addEventListener("click", () => dialog.close());
    window.addEventListener("focus", onReturn);
    function onReturn() {
      if (!search.value && grid.children.length <= 24) fill(); // a photo may have been uploaded
    }
    dialog.addEventListener("close", () => {
      window.removeEventListener("focus", onReturn);
      dialog.remove();
      resolve(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
    search.focus();
    fill();
  });
}
