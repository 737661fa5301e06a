// Read an article aloud, sentence by sentence, where the browser has a Chinese voice.
const BLOCKS = ".article__title, .text :is(h2, h3, h4, p, li, blockquote, dt, dd)";
const SENTENCE = /[^。！？!?；;…\n]+[。！？!?；;…]*[”’」』）)】》]*/g;
// Browsers stop in the middle of long utterances: what has no full stop for so long is cut at a comma.
const LONGEST = 100;
const CLAUSE = new RegExp(`.{1,${LONGEST}}(?:[，、：,:]|$)|.{1,${LONGEST}}`, "gs");
const READING = [0.12, 0.7]; // where in the view the sentence should be

const speech = window.speechSynthesis;
const starts = document.querySelectorAll("[data-aloud]");
const player = document.querySelector(".aloud");
const toggle = player?.querySelector('[data-do="toggle"]');
const paint = globalThis.CSS?.highlights && new Highlight();
if (paint) CSS.highlights.set("aloud", paint);

let voice;
let sentences;
let at = 0;
let rate = 1;
let saying = null; // the utterance whose end leads on
let starter;

function best() {
  const own = document.documentElement.lang === "zh-Hant" ? /tw|hant/i : /cn|hans/i;
  // Android writes zh_CN. Cantonese is another language than the one that pages are written in.
  const voices = speech.getVoices().filter(({ lang }) => /^(zh|cmn)(?![a-z])(?!.*hk)/i.test(lang));
  const worth = (each) => 2 * own.test(each.lang) + each.localService;
  return voices.sort((a, b) => worth(b) - worth(a))[0];
}

// Browsers without a Chinese voice need no styles for the player.
function dress() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = player.dataset.styles;
  document.head.append(sheet);
  delete player.dataset.styles;
}

function look() {
  voice = best();
  if (voice && player.dataset.styles) dress();
  for (const start of starts) start.parentElement.hidden = !voice;
}

// The sentences of a block: their texts, and where they stand.
function read(block) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const nodes = [];
  let text = "";
  while (walker.nextNode()) {
    nodes.push([text.length, walker.currentNode]);
    text += walker.currentNode.data;
  }
  const place = (offset) => {
    const [start, node] = nodes.findLast(([first]) => first <= offset);
    return [node, offset - start];
  };
  const found = [];
  for (const sentence of text.matchAll(SENTENCE)) {
    for (const clause of sentence[0].matchAll(CLAUSE)) {
      if (!/[\p{L}\p{N}]/u.test(clause[0])) continue;
      const first = sentence.index + clause.index;
      const range = new Range();
      range.setStart(...place(first));
      const [node, offset] = place(first + clause[0].length - 1);
      range.setEnd(node, offset + 1);
      found.push({ text: clause[0].trim(), range, block });
    }
  }
  return found;
}

function collect() {
  const blocks = [...document.querySelectorAll(BLOCKS)].filter(
    (block) => !block.closest("figure, table") && !block.querySelector("p, li"),
  );
  return blocks.flatMap(read);
}

// Where reading begins: at the title while it is in view, else at the first paragraph in view.
function first() {
  const top = innerHeight * READING[0];
  const found = sentences.findIndex(({ block }) => block.getBoundingClientRect().bottom > top);
  return Math.max(found, 0);
}

function mark(sentence) {
  paint?.clear();
  for (const here of document.querySelectorAll(".aloud-here")) here.classList.remove("aloud-here");
  if (!sentence) return;
  if (paint) paint.add(sentence.range);
  else sentence.block.classList.add("aloud-here");
  const { top, bottom } = sentence.range.getBoundingClientRect();
  if (top > innerHeight * READING[0] && bottom < innerHeight * READING[1]) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollBy({ top: top - innerHeight / 4, behavior: still ? "instant" : "smooth" });
}

function show(open) {
  player.hidden = !open;
  for (const start of starts) start.setAttribute("aria-pressed", String(open));
  for (const word of toggle.children) word.hidden = (word.dataset.when === "speaking") !== !!saying;
}

// Pausing is stopping: browsers forget what was paused for long.
function pause() {
  saying = null;
  speech.cancel();
  show(true);
}

function stop() {
  const inside = player.contains(document.activeElement);
  saying = null;
  speech.cancel();
  mark(null);
  show(false);
  if (inside) (starter.closest("details")?.querySelector("summary") ?? starter).focus();
}

function say(number) {
  saying = null;
  speech.cancel();
  at = Math.max(number, 0);
  const sentence = sentences[at];
  if (!sentence) return stop();
  const utterance = new SpeechSynthesisUtterance(sentence.text);
  Object.assign(utterance, { voice, lang: voice.lang, rate });
  utterance.onend = () => saying === utterance && say(at + 1);
  utterance.onerror = () => saying === utterance && stop();
  saying = utterance;
  speech.speak(utterance);
  mark(sentence);
  show(true);
}

const deeds = {
  back: () => say(at - 1),
  on: () => say(at + 1),
  toggle: () => (saying ? pause() : say(at)),
  stop,
};

if (speech && player) {
  look();
  speech.addEventListener?.("voiceschanged", look); // browsers load voices when they like
  for (const start of starts) {
    start.addEventListener("click", () => {
      if (!player.hidden) return stop();
      starter = start;
      sentences ??= collect();
      say(first());
      toggle.focus({ preventScroll: true });
    });
  }
  player.addEventListener("click", ({ target }) => deeds[target.closest("button")?.dataset.do]?.());
  player.querySelector("select").addEventListener("change", (event) => {
    rate = Number(event.target.value);
    if (saying) say(at);
  });
  player.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop();
  });
  addEventListener("pagehide", () => player.hidden || stop());
}
