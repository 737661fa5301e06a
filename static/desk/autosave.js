// Keep what is typed in this browser until the server has it (docs/adr/0015).
//
// A page's form is one draft in localStorage: "xinwang.draft.<user>.<object>.<name>". It goes when
// the server says that it saved it (the cookie desk_saved), when it is discarded, or when it is old.
// Whoever shows a field in another way listens to "desk:restore" on the form: its fields then hold
// what was restored.
import { bar, form, place, unbar } from "./bars.js";
import { csrf } from "./token.js";

const EVERY_MS = 2000;
const PREFIX = "xinwang.draft.";
// Drafts that one browser keeps, how long, and how many characters one may have.
const MOST = 20;
const OLDEST_MS = 14 * 24 * 3600 * 1000;
const LARGEST = 1_500_000;
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "_version", "_writing"]);
const NOT_TYPED = new Set(["submit", "button", "reset", "file", "password", "image"]);
const FULL = "浏览器没有地方保存未存的内容（存储已满、被禁用或内容太长），请常按“保存并继续编辑”。";

if (form) keep();

function keep() {
  const { user, key, unsaved, differences } = place.dataset;
  const mine = `${PREFIX}${user}.${key}.`;
  let clean = null; // what the form held when it came, as text
  let kept = null; // what the draft holds
  let touched = unsaved === "yes";
  let leaving = false;

  forgetSaved();
  forgetOld();
  renew();
  if (!touched) clean = written();
  offer();

  for (const sign of ["keydown", "pointerdown", "paste", "drop", "input", "change"]) {
    form.addEventListener(sign, (event) => (touched ||= event.isTrusted), true);
  }
  setInterval(tick, EVERY_MS);
  addEventListener("pagehide", tick);
  addEventListener("pageshow", (event) => {
    leaving = false;
    if (event.persisted) forgetSaved(), renew();
  });
  document.addEventListener("visibilitychange", tick);
  addEventListener("beforeunload", (event) => {
    tick();
    if (!leaving && touched && written() !== clean) event.preventDefault();
  });
  form.addEventListener("submit", () => {
    tick();
    leaving = true;
    form.elements.csrfmiddlewaretoken.value = csrf();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-desk-discard]")) return;
    localStorage.removeItem(own());
    leaving = true;
    clean = written();
    kept = clean;
  });

  function own() {
    return mine + form.elements._writing.value;
  }

  // A page that was saved and came back by the browser's back button is a draft of its own.
  function renew() {
    if (!savedNames().includes(form.elements._writing.value)) return;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    form.elements._writing.value = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
    kept = null;
  }

  // Until somebody touches the form, its changes are those of scripts that set it up.
  function tick() {
    const now = written();
    if (!touched) clean = now;
    else if (now === clean) localStorage.removeItem(own()), (kept = null);
    else if (now !== kept) {
      if (store(now)) unbar("full");
      else bar("full", FULL, { grave: true });
      kept = now;
    }
  }

  function store(fields) {
    const draft = `{"at":${Date.now()},"token":${JSON.stringify(form.elements._version.value)},"fields":${fields}}`;
    if (draft.length > LARGEST) return false;
    const others = drafts(PREFIX).filter((one) => one.name !== own());
    for (const old of others.splice(MOST - 1)) localStorage.removeItem(old.name);
    for (;;) {
      try {
        localStorage.setItem(own(), draft);
        return true;
      } catch {
        const oldest = others.pop();
        if (!oldest) return false;
        localStorage.removeItem(oldest.name);
      }
    }
  }

  function offer() {
    const here = clean ?? written();
    const [draft, ...more] = drafts(mine).filter((one) => {
      if (one.name === own()) return false;
      if (JSON.stringify(one.fields) !== here) return true;
      localStorage.removeItem(one.name);
      return false;
    });
    if (!draft) return unbar("draft");
    const others = more.length ? `（另有 ${more.length} 份更早的）` : "";
    bar("draft", `发现 ${clock(draft.at)} 未保存的内容${others}`, {
      actions: {
        恢复: () => {
          restore(draft);
          localStorage.removeItem(draft.name);
          offer();
        },
        查看区别: (shown) => compare(draft, shown),
        丢弃: () => {
          localStorage.removeItem(draft.name);
          offer();
        },
      },
    });
  }

  function restore(draft) {
    addRows(draft.fields);
    for (const field of draft.fields) fill(field);
    // Saving checks against what this text was written on, not against what is shown now.
    if (draft.token) form.elements._version.value = draft.token;
    form.dispatchEvent(new CustomEvent("desk:restore", { bubbles: true }));
    touched = true;
    tick();
  }

  async function compare(draft, shown) {
    const body = new FormData();
    for (const { name, value, checked } of draft.fields) {
      if (checked !== false) for (const one of [value].flat()) body.append(name, one);
    }
    shown.nextElementSibling?.matches("[data-desk-differences]") && shown.nextElementSibling.remove();
    const box = document.createElement("div");
    box.dataset.deskDifferences = "";
    try {
      const answer = await fetch(differences, {
        method: "POST", body, headers: { "X-CSRFToken": csrf() }, redirect: "error",
      });
      if (!answer.ok) throw new Error(answer.status);
      box.innerHTML = await answer.text(); // made by our own template
    } catch {
      box.textContent = "现在看不了区别：连不上服务器，或者登录已过期。";
    }
    shown.after(box);
  }
}

// All that the form would send, as text.
function written() {
  const fields = [];
  for (const field of form.elements) {
    const { name, type } = field;
    if (!name || NOT_KEPT.has(name) || NOT_TYPED.has(type) || name.includes("__prefix__")) continue;
    if (type === "checkbox" || type === "radio") {
      fields.push({ name, value: field.value, checked: field.checked });
    } else if (field.selectedOptions) {
      const chosen = [...field.selectedOptions];
      const value = type === "select-multiple" ? chosen.map((one) => one.value) : field.value;
      fields.push({ name, value, labels: chosen.map((one) => one.text) });
    } else if (type !== "fieldset") fields.push({ name, value: field.value });
  }
  return JSON.stringify(fields);
}

function fill({ name, value, checked, labels }) {
  for (const field of [form.elements[name]].flatMap((one) => (one instanceof RadioNodeList ? [...one] : [one]))) {
    if (!field) continue;
    if (checked !== undefined) {
      if (field.value === value) field.checked = checked;
    } else if (field.options) {
      const values = [value].flat();
      values.forEach((one, place) => {
        if (![...field.options].some((option) => option.value === one)) field.add(new Option(labels[place], one));
      });
      for (const option of field.options) option.selected = values.includes(option.value);
    } else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// As many rows below the form as the draft has.
function addRows(fields) {
  for (const { name, value } of fields) {
    if (!name.endsWith("-TOTAL_FORMS")) continue;
    const prefix = name.slice(0, -"-TOTAL_FORMS".length);
    const add = document.querySelector(`#${CSS.escape(prefix)}-group .add-row a`);
    for (let missing = value - form.elements[name].value; missing > 0 && add; missing--) add.click();
  }
}

// Drafts whose names begin so, newest first; what cannot be read is dropped.
function drafts(beginning) {
  const found = [];
  for (const name of storedNames()) {
    if (!name.startsWith(beginning)) continue;
    try {
      found.push({ name, ...JSON.parse(localStorage.getItem(name)) });
    } catch {
      localStorage.removeItem(name);
    }
  }
  return found.sort((one, other) => other.at - one.at);
}

function storedNames() {
  try {
    return Object.keys(localStorage);
  } catch {
    return []; // forbidden by the browser's settings
  }
}

function savedNames() {
  const cookie = document.cookie.match(/(?:^|; )desk_saved=([^;]+)/);
  return cookie ? cookie[1].split(".") : [];
}

function forgetSaved() {
  const saved = savedNames();
  for (const name of storedNames()) {
    if (name.startsWith(PREFIX) && saved.includes(name.split(".").pop())) localStorage.removeItem(name);
  }
}

function forgetOld() {
  for (const { name, at } of drafts(PREFIX)) {
    if (Date.now() - at > OLDEST_MS) localStorage.removeItem(name);
  }
}

// In the paper's city, as all times on the desk.
function clock(at) {
  const zone = { timeZone: "Asia/Shanghai" };
  const day = (moment) => new Date(moment).toLocaleDateString("zh-CN", { ...zone, month: "long", day: "numeric" });
  const time = new Date(at).toLocaleTimeString("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return day(at) === day(Date.now()) ? time : `${day(at)} ${time}`;
}
