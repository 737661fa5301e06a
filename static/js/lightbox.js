// An article's photos, large, over the article. The lightbox has the address of the photo's own page:
// Back closes it, a reload shows that page, and without JavaScript the links lead there.
const SWIPE = 48; // pixels

const box = document.querySelector("[data-lightbox]");
const viewer = document.querySelector("[data-viewer]");
const links = [...document.querySelectorAll("[data-photo]")];
const photos = new Map(); // by number: the link in the text, which has a caption beside it
for (const link of links.filter((link) => link.closest("figure"))) photos.set(Number(link.dataset.photo), link);

function swiped(element, go) {
  let from = null;
  element.addEventListener("touchstart", ({ touches: [touch, other] }) => {
    from = other || window.visualViewport?.scale > 1 ? null : touch;
  }, { passive: true });
  element.addEventListener("touchend", ({ changedTouches: [touch] }) => {
    if (!from) return;
    const right = touch.clientX - from.clientX;
    const down = touch.clientY - from.clientY;
    from = null;
    if (Math.abs(right) > SWIPE && Math.abs(right) > 2 * Math.abs(down)) go(right < 0 ? 1 : -1);
  });
}

function lightbox() {
  const title = document.title;
  const figure = box.querySelector(".viewer");
  const count = box.querySelector(".lightbox__count");
  const [previous, next] = box.querySelectorAll(".lightbox__step");
  let opener = null;
  let shown = 0;
  let styled;

  // Few readers open it: its style sheet waits until one does.
  const styles = () => (styled ??= new Promise((done) => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.onload = sheet.onerror = done;
    sheet.href = box.dataset.lightbox;
    document.head.append(sheet);
  }));

  function show(number) {
    shown = number;
    const link = photos.get(number);
    const picture = link.firstElementChild.cloneNode(true);
    for (const source of picture.children) source.sizes = "100vw";
    const image = picture.querySelector("img");
    image.loading = "eager";
    const caption = link.parentElement.querySelector("figcaption");
    figure.replaceChildren(picture, ...(caption ? [caption.cloneNode(true)] : []));
    count.textContent = count.dataset.said.replace("{}", number).replace("{}", photos.size);
    previous.disabled = !photos.has(number - 1);
    next.disabled = !photos.has(number + 1);
    document.title = `${image.alt} - ${title}`;
    // A button that has just been switched off must not take the focus with it.
    if (box.open && (document.activeElement === document.body || document.activeElement.disabled)) {
      (next.disabled ? previous : next).focus();
    }
  }

  async function open(number) {
    await styles();
    if (history.state?.photo !== number) return; // gone back meanwhile
    show(number);
    if (!box.open) box.showModal();
  }

  function step(by) {
    if (!by || !photos.has(shown + by)) return;
    show(shown + by);
    history.replaceState({ photo: shown }, "", photos.get(shown).href);
  }

  for (const link of links) {
    link.addEventListener("click", async (event) => {
      const number = Number(link.dataset.photo);
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || !photos.has(number)) return;
      event.preventDefault();
      opener = link;
      history.pushState({ photo: number }, "", link.href);
      await open(number);
    });
  }
  const left = () => (Number(opener?.dataset.photo) === shown ? opener : photos.get(shown));
  addEventListener("popstate", ({ state }) => {
    if (state?.photo && photos.has(state.photo)) open(state.photo);
    else if (shown) {
      const link = left();
      shown = 0;
      if (box.open) box.close();
      link.focus();
      // After the browser has gone back to where the page was scrolled to when the first was opened,
      // unless the reader has gone elsewhere by then.
      const here = location.href;
      const reveal = () => location.href === here && link.scrollIntoView({ block: "nearest" });
      requestAnimationFrame(() => requestAnimationFrame(reveal));
    }
  });
  // Esc, the button and Back all end here; the first two leave the address behind. The browser tells
  // late: by then Forward may have opened it again.
  box.addEventListener("close", () => {
    if (box.open) return;
    document.title = title;
    if (shown) left().focus();
    if (history.state?.photo) history.back();
  });
  box.querySelector(".lightbox__close").addEventListener("click", () => box.close());
  previous.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  box.addEventListener("keydown", ({ key, altKey }) => {
    if (!altKey) step({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0);
  });
  swiped(box, step);
}

function page() {
  const follow = (selector) => viewer.querySelector(selector)?.click();
  const step = (by) => follow(by > 0 ? "[rel=next]" : "[rel=prev]");
  addEventListener("keydown", ({ key, altKey, ctrlKey, metaKey, target }) => {
    if (altKey || ctrlKey || metaKey || target.closest("input, select, textarea")) return;
    if (key === "Escape") follow("[data-back]");
    else if (key === "ArrowLeft" || key === "ArrowRight") step(key === "ArrowRight" ? 1 : -1);
  });
  swiped(viewer.querySelector(".viewer"), step);
}

if (box && photos.size) lightbox();
if (viewer) page();
