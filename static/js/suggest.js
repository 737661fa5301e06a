// Suggestions under the search box, by the ARIA combobox pattern. The form works without them.
const PAUSE_MS = 160;
const LEAST = 2;

for (const [number, form] of document.querySelectorAll("form[data-suggest]").entries()) {
  const box = form.elements.q;
  const list = document.createElement("ul");
  const said = document.createElement("span");
  let shown = [];
  let active = -1;
  let timer;
  let asking;

  list.id = `suggestions-${number}`;
  list.className = "search__list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.name);
  said.className = "unseen";
  said.setAttribute("role", "status");
  form.append(list, said);
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id };
  for (const [name, value] of Object.entries(attributes)) box.setAttribute(name, value);

  function activate(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[active];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function open(wanted) {
    list.hidden = !wanted;
    box.setAttribute("aria-expanded", String(wanted));
    if (!wanted) activate(-1);
  }

  function forget() {
    clearTimeout(timer);
    asking?.abort();
    open(false);
  }

  function line(suggestion, index) {
    const option = document.createElement("li");
    const kind = document.createElement("span");
    option.id = `${list.id}-${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    kind.className = "search__kind";
    kind.textContent = suggestion.kind;
    option.append(suggestion.text, kind);
    return option;
  }

  async function ask() {
    const words = box.value.trim();
    asking?.abort();
    asking = new AbortController();
    let found = [];
    try {
      if (words.length >= LEAST) {
        const address = `${form.dataset.suggest}?q=${encodeURIComponent(words)}`;
        const answer = await fetch(address, { signal: asking.signal });
        if (answer.ok) found = await answer.json();
      }
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    activate(-1);
    shown = found;
    list.replaceChildren(...shown.map(line));
    open(shown.length > 0 && document.activeElement === box);
    said.textContent = shown.length ? `${shown.length} ${form.dataset.said}` : "";
  }

  box.addEventListener("input", (event) => {
    // What an input method is still composing is not yet a word.
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  box.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) {
      event.preventDefault();
      if (list.hidden) open(true);
      // One place more than there are options: the box itself.
      const places = shown.length + 1;
      activate(((active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      location.assign(shown[active].url);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      forget();
    }
  });
  box.addEventListener("blur", forget);
  form.addEventListener("submit", forget);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const index = [...list.children].indexOf(event.target.closest("li"));
    if (index >= 0) location.assign(shown[index].url);
  });
  box.setAttribute("aria-expanded", "false");
}
