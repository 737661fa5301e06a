// Say that this page is open, hear who else has the article open and whether it was saved since.
import { bar, form, place, unbar } from "./bars.js";
import { csrf } from "./token.js";

const EVERY_MS = 20_000;
const address = place?.dataset.presence;
let active = Date.now();
let latest = 0; // of what was asked: an answer that another has overtaken says what was

if (address) {
  for (const sign of ["keydown", "pointerdown", "input"]) {
    form.addEventListener(sign, () => (active = Date.now()), true);
  }
  beat();
  setInterval(beat, EVERY_MS);
  document.addEventListener("visibilitychange", () => document.hidden || beat());
  addEventListener("pageshow", (event) => event.persisted && beat());
  addEventListener("pagehide", () => send({ leaving: "1" }, true).catch(() => {}));
}

function send(said, keepalive = false) {
  const body = new FormData();
  for (const [name, value] of Object.entries(said)) body.append(name, value);
  const headers = { "X-CSRFToken": csrf() };
  return fetch(address, { method: "POST", body, headers, keepalive, redirect: "manual" });
}

async function beat() {
  const mine = ++latest;
  let answer;
  try {
    const idle = Math.round((Date.now() - active) / 1000);
    answer = await send({ idle, newest: place.dataset.newest });
    if (mine !== latest) return;
  } catch {
    return bar("offline", "连不上服务器。您写的存在这台电脑上，连上之后再保存。", { grave: true });
  }
  unbar("offline");
  if (answer.type === "opaqueredirect") {
    const link = { href: `${place.dataset.desk}login/`, text: "在新窗口登录" };
    return bar("login", "登录已过期。您写的存在这台电脑上：先登录，再回到本页保存。", { grave: true, link });
  }
  unbar("login");
  if (answer.status === 404) return bar("saved", "这篇稿件已被删除。按保存可把您写的存为新的一篇。", { grave: true });
  if (answer.ok) show(await answer.json());
}

function show({ others, saved }) {
  const list = place.querySelector("[data-desk-others]");
  const said = others.join("\n");
  if (list.dataset.said !== said) {
    list.dataset.said = said;
    list.replaceChildren(
      ...others.map((one) => {
        const line = document.createElement("p");
        line.className = "desk-bar";
        line.textContent = one;
        return line;
      }),
    );
  }
  if (saved) bar("saved", saved.said, { grave: true, link: { href: saved.url, text: "看改了什么" } });
}
