// Text size and theme without a reload: the server keeps a choice and answers with the reader's style
// sheet. Without this (or in a browser that can't take sheets from scripts) the form does it.
const link = document.querySelector("link[data-reader]");
const choices = document.querySelectorAll(".tools__choice");
const tints = document.querySelectorAll('meta[name="theme-color"]');
const sheet = new CSSStyleSheet();
let asking;

function show() {
  for (const choice of choices) {
    const mark = getComputedStyle(choice).getPropertyValue("--mark");
    choice.setAttribute("aria-pressed", String(mark !== ""));
  }
  const paper = getComputedStyle(document.body).backgroundColor;
  for (const tint of tints) tint.content = paper;
}

async function dress(address) {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(address, { headers: { Accept: "text/css" }, signal: asking.signal });
    if (!answer.ok) return;
    sheet.replaceSync(await answer.text());
  } catch {
    return; // Offline, or asked anew: the page stays as it is.
  }
  document.adoptedStyleSheets = [sheet];
  link.disabled = true;
  show();
}

for (const form of document.querySelectorAll("form[data-reader]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { name, value } = event.submitter;
    dress(`${form.action}?${name}=${value}`);
  });
}
// A page that comes back as it was left may have been left before the choice.
addEventListener("pageshow", (event) => {
  if (event.persisted) dress(link.href);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
show();
