// The QR code follows the reader: it leads the phone to the paragraph that is being read.
const SETTLED_MS = 150;
const READING = 1 / 3; // of the view's height

const box = document.querySelector("[data-follow]");
const start = box?.querySelector(".qr__code");
const title = document.querySelector(".article__title");
const blocks = [...document.querySelectorAll(".text :is(p, h2, h3, li, blockquote, figure, table)[id]")];
let shown = start;
let wanted = "";

// The last block that begins above the line where one reads; none while the title is in view.
function reading() {
  if (title.getBoundingClientRect().bottom > 0) return "";
  const line = innerHeight * READING;
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle].getBoundingClientRect().top <= line) low = middle + 1;
    else high = middle;
  }
  return blocks[low - 1]?.id ?? "";
}

function show(code) {
  shown.replaceWith(code);
  shown = code;
}

async function follow() {
  const id = reading();
  if (id === wanted) return;
  wanted = id;
  if (!id) return show(start);
  const code = new Image();
  code.className = "qr__code";
  code.alt = box.dataset.said;
  code.src = `${box.dataset.follow}${id}.svg`;
  try {
    await code.decode();
    if (wanted === id) show(code);
  } catch {
    if (wanted === id) show(start); // the article's own code is always right
  }
}

// On paper there is no place to go on from: the article's own code.
addEventListener("beforeprint", () => {
  wanted = "";
  if (start) show(start);
});
addEventListener("afterprint", () => {
  if (start) follow();
});

if (start && blocks.length) {
  let timer;
  const margin = `0px 0px -${100 - READING * 100}% 0px`;
  const observer = new IntersectionObserver(
    () => {
      clearTimeout(timer);
      timer = setTimeout(follow, SETTLED_MS);
    },
    { rootMargin: margin },
  );
  for (const seen of [title, ...blocks]) observer.observe(seen);
}
