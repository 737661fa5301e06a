// The line for who came by a link to a paragraph: copy that link, close the line.
const SHOWN_MS = 2000;

const line = document.querySelector("[data-resume]");
const [, id] = location.hash.match(/^#(p[0-9]+)$/) ?? []; // :target is not set this early
const target = id && document.getElementById(id);

if (line && target) {
  const copy = line.querySelector(".resume__copy");
  const close = line.querySelector(".resume__close");
  const label = copy.textContent;
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(`${line.dataset.resume}#${id}`);
    copy.textContent = copy.dataset.said;
    setTimeout(() => (copy.textContent = label), SHOWN_MS);
  });
  close.hidden = false;
  close.addEventListener("click", () => {
    line.hidden = true;
    target.tabIndex = -1; // the keyboard goes on from the text
    target.focus({ preventScroll: true });
  });
}
