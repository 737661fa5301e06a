// The search page of a frozen site: finds in files, without a server that knows anything.
//
// finder.js, a worker, says which articles have all pairs of characters; their texts, which the
// site has as files, tell whether the words really stand there, and are what is shown.
const AT_ONCE = 10;
// Pairs without the words that they are from are seldom; so many are read before a reader is asked.
const MOST_READ = 5 * AT_ONCE;
const LONGEST = 200;
const MOST_WORDS = 10;
// A part of the file is read for each; the texts are compared with all of the words in any case.
const MOST_PAIRS = 12;
const CUT = 110;
const LEAD = 36;
const ZONE_MS = 8 * 3600 * 1000;
// In a canonical text: where a picture stands, where a link leads.
const BESIDE = /［(?:图片 \S+|[a-z]+:[^］\s]*|[/#][^］\s]*)］/g;

const page = document.querySelector("[data-find]");
const part = (name) => page.querySelector(`[data-part="${name}"]`);
const form = page.querySelector("form");
const box = form.elements.q;
const [said, heard, list, more, title] = ["said", "heard", "list", "more", "title"].map(part);
const saying = (element, what) => element.getAttribute(`data-said${what && `-${what}`}`);
// Where pages in this page's script stand: /zh-hant/ or /. Texts are there once, as written.
const root = new URL(form.action).pathname.replace(/search\/$/, "");

let read = new Map();

// As the database folds a character (migration 0006).
function fold(character) {
  let folded = "";
  for (const one of character.normalize("NFKD").toLowerCase()) {
    if (/[\p{L}\p{N}]/u.test(one)) folded += read.get(one) ?? one;
  }
  return folded;
}

// A text as it is compared, and for each of its characters (UTF-16) the printed one it is from.
function folding(text) {
  let folded = "";
  const from = [];
  let at = 0;
  for (const character of text) {
    const piece = character === "\n" ? "\n" : fold(character);
    for (let n = 0; n < piece.length; n++) from.push(at);
    folded += piece;
    at += character.length;
  }
  from.push(at);
  return { text, folded, from };
}

function spans({ text, folded, from }, words) {
  const found = [];
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      const last = from[at + word.length - 1];
      found.push([from[at], last + String.fromCodePoint(text.codePointAt(last)).length]);
    }
  }
  found.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  let end = 0;
  return found.filter(([start, upto]) => {
    const apart = start >= end;
    if (apart) end = upto;
    return apart;
  });
}

function marked(into, text, found, start = 0, end = text.length) {
  for (const [from, upto] of found) {
    if (from < start || upto > end) continue;
    into.append(text.slice(start, from), element("mark", "", text.slice(from, upto)));
    start = upto;
  }
  into.append(text.slice(start, end));
  return into;
}

// A place in a text that parts no character (UTF-16).
const between = (text, at) => (/[\uDC00-\uDFFF]/.test(text[at] ?? "") ? at - 1 : at);

// Some of a text around what was found first, from the beginning of a sentence where one is near.
function cut(into, folded, words) {
  const { text } = folded;
  const found = spans(folded, words);
  const first = found[0]?.[0] ?? 0;
  let start = 0;
  if (first > LEAD) {
    const near = text.slice(first - LEAD, first);
    const after = /.*[。！？；\n]/s.exec(near) ?? /.*[，、：,;: \u3000]/s.exec(near);
    start = after ? first - LEAD + after[0].length : between(text, first - LEAD / 2);
  }
  let end = between(text, Math.min(start + CUT, text.length));
  const stop = /.*[。！？；\n]/s.exec(text.slice(start + CUT / 2, end));
  if (end < text.length && stop) end = start + CUT / 2 + stop[0].length;
  if (start && !"。！？；\n".includes(text[start - 1])) into.append("……");
  marked(into, text, found, start, end);
  if (end < text.length && !"。！？；\n".includes(text[end - 1])) into.append("……");
  return into;
}

// A canonical text taken apart (docs/fixity.md): six lines, each after a colon, then the body.
function taken(text) {
  const [head, body = ""] = text.split("\n\n");
  const [title, original, source, , , published] = head
    .split("\n")
    .slice(1)
    .map((line) => line.slice(line.indexOf("：") + 1));
  return { title, original, source, published: new Date(published), body: body.replace(BESIDE, "") };
}

function element(tag, name, ...inside) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...inside);
  return made;
}

function line(path, article, folded, words) {
  const link = marked(element("a"), article.title, spans(folded.title, words));
  link.href = path;
  const local = new Date(article.published.getTime() + ZONE_MS).toISOString();
  const time = element("time", "", `${local.slice(0, 10)} ${local.slice(11, 16)}`);
  time.dateTime = `${local.slice(0, 19)}+08:00`;
  const story = element(
    "div",
    "story__words",
    element("h3", "story__title", link),
    cut(element("p", "hit__cut"), folded.body, words),
    element("p", "meta", time, ...(article.source ? [element("span", "", article.source)] : [])),
  );
  return element("li", "story hit", story);
}

// The article as a line, or nothing if its text has the pairs but not the words, or an unwanted one.
async function told([place, path], { words, without }) {
  const answer = await fetch(`${path}text.txt`);
  if (answer.status === 410 || answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const article = taken(await answer.text());
  const [title, original, body] = [article.title, article.original, article.body].map(folding);
  const everything = `${title.folded}\n${original.folded}\n${body.folded}`;
  if (!words.every((word) => everything.includes(word))) return null;
  if (without.some((word) => everything.includes(word))) return null;
  return line(root + path.slice(1), article, { title, body }, words);
}

function say(what) {
  said.hidden = !what;
  said.textContent = what ? saying(said, what) : "";
}

// What index.json names stands where it does.
const beside = (name) => new URL(name, new URL(page.dataset.index, location)).href;

// Asks one thing after the other. A worker that failed is asked no more: what didn't load doesn't
// load a second time in it.
function finder(index) {
  let worker = null;
  const about = {
    file: beside(index.file),
    size: index.size,
    sqlite: beside(index.sqlite),
    wasm: beside(index.wasm),
  };
  return (asked) =>
    new Promise((resolve, reject) => {
      const fail = (why) => {
        worker?.terminate();
        worker = null;
        reject(new Error(why));
      };
      worker ??= new Worker(page.dataset.worker, { type: "module" });
      worker.onmessage = ({ data: { found, failed } }) => (failed ? fail(failed) : resolve(found));
      worker.onerror = () => fail("worker");
      worker.postMessage({ ...about, ...asked });
    });
}

// Candidates, those with the words in their titles first, each time the newest that are left.
function candidates(find, match) {
  const seen = new Set();
  const tables = ["titled", "said"];
  let before = Number.MAX_SAFE_INTEGER;
  return {
    get ended() {
      return !tables.length;
    },
    async next() {
      const rows = await find({ table: tables[0], match, before, many: AT_ONCE });
      const fresh = rows.filter(([place]) => !seen.has(place));
      for (const [place] of rows) seen.add(place);
      if (rows.length < AT_ONCE) {
        tables.shift();
        before = Number.MAX_SAFE_INTEGER;
      } else before = rows.at(-1)[0];
      return fresh;
    },
  };
}

// In one printable line, as the living site shows it.
function printable(typed) {
  const line = [...typed.replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, " ").trim()];
  return { typed: line.slice(0, LONGEST).join("").trim(), tooLong: line.length > LONGEST };
}

// Words and phrases, and those after a minus, which may not be there.
function wanted(typed) {
  const [words, without] = [new Set(), new Set()];
  for (const one of typed.match(/[-－]?["“「『][^"”」』]*["”」』]?|[^\s"“「『]+/g) ?? []) {
    const word = [...one].map(fold).join("");
    if (word) (/^[-－]/.test(one) ? without : words).add(word);
  }
  return { words: [...words], without: [...without] };
}

function pairsOf(words) {
  const pairs = new Set();
  for (const word of words) {
    const characters = [...word];
    for (let n = 1; n < characters.length; n++) pairs.add(characters[n - 1] + characters[n]);
  }
  return [...pairs].slice(0, MOST_PAIRS).map((pair) => `"${pair}"`).join(" ");
}

// Frozen anew while somebody reads: what this page found by may be gone.
async function replaced(index) {
  const answer = await fetch(page.dataset.index, { cache: "no-cache" });
  if (!answer.ok) return answer.status === 404;
  const now = await answer.json();
  return ["file", "sqlite", "wasm"].some((name) => now[name] !== index[name]);
}

async function search(index, typed, tooLong) {
  const all = wanted(typed);
  const asked = { words: all.words.slice(0, MOST_WORDS), without: all.without };
  part("cut").hidden = !tooLong && asked.words.length === all.words.length;
  const match = pairsOf(asked.words);
  title.textContent = saying(title, "").replace("…", () => typed);
  title.parentElement.hidden = false;
  document.title = document.title.replace(/^.*(?= - )/, () => title.textContent);
  if (!match) return say("short");
  const found = candidates(finder(index), match);
  let left = [];

  async function further() {
    more.hidden = true;
    say("finding");
    try {
      let shown = 0;
      for (let reading = 0; shown < AT_ONCE && reading < MOST_READ && (left.length || !found.ended); ) {
        if (!left.length) left = await found.next();
        const some = left.slice(0, AT_ONCE);
        const lines = (await Promise.all(some.map((one) => told(one, asked)))).filter(Boolean);
        left = left.slice(some.length);
        list.append(...lines);
        shown += lines.length;
        reading += some.length;
      }
      more.hidden = found.ended && !left.length;
      heard.textContent = saying(heard, "").replace("…", list.childElementCount);
      say(list.childElementCount ? "" : more.hidden ? "nothing" : "so-far");
    } catch (error) {
      console.warn(error);
      if (await replaced(index).catch(() => false)) return location.reload();
      more.hidden = false;
      say("failed");
    }
  }
  more.addEventListener("click", async () => {
    const before = list.childElementCount;
    await further();
    // The button was hidden meanwhile, and who goes by keys would begin at the top.
    (list.children[before]?.querySelector("a") ?? more).focus();
  });
  await further();
}

async function begin() {
  const { typed, tooLong } = printable(new URLSearchParams(location.search).get("q") ?? "");
  const answer = await fetch(page.dataset.index, { cache: "no-cache" });
  if (answer.status === 404) return; // frozen without an index: the page says where to search
  if (!answer.ok) throw new Error(`${page.dataset.index}: ${answer.status}`);
  const index = await answer.json();
  const written = [...index.written];
  read = new Map([...index.read].map((one, n) => [written[n], one]));
  part("without").hidden = true;
  part("form").hidden = false;
  box.value = typed;
  if (typed) await search(index, typed, tooLong);
  else box.focus();
}

begin().catch((error) => {
  console.warn(error);
  say("failed");
});
