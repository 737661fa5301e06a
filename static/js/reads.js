// Count a read after five seconds in view, once a page, and show the number as it is now.
const AFTER_MS = 5000;
const numbers = document.querySelectorAll("[data-reads]");
let seen = 0;
let since = null;
let timer = null;

async function send() {
  const address = `${numbers[0].dataset.reads}?age=${Math.floor(performance.now() / 1000)}`;
  try {
    const answer = await fetch(address, { method: "POST", keepalive: true });
    if (answer.status !== 200) return;
    const { reads } = await answer.json();
    const shown = document.documentElement.lang === "zh-Hant" ? reads.replace("万", "萬").replace("亿", "億") : reads;
    for (const number of numbers) number.textContent = shown;
  } catch {
    // Offline, or the server is away: the page keeps the number it came with.
  }
}

function look() {
  if (document.visibilityState === "visible" && !document.prerendering) {
    since ??= performance.now();
    timer ??= setTimeout(finish, AFTER_MS - seen);
  } else if (since !== null) {
    seen += performance.now() - since;
    clearTimeout(timer);
    since = timer = null;
  }
}

function finish() {
  document.removeEventListener("visibilitychange", look);
  send();
}

if (numbers.length) {
  document.addEventListener("visibilitychange", look);
  document.addEventListener("prerenderingchange", look);
  look();
}
