// Messages above a form. They stay in view while one scrolls.
export const place = document.getElementById("desk-keeping");
export const form = place?.closest("form");

// A bar with buttons: {label: what to do}. Called again with the same name, it takes its place; one
// without buttons that says the same stays, so that nobody hears it twice.
export function bar(name, text, { actions = {}, link = null, grave = false } = {}) {
  const shown = document.createElement("div");
  shown.className = "desk-bar";
  shown.dataset.deskBar = name;
  shown.setAttribute("role", grave ? "alert" : "status");
  if (grave) shown.dataset.grave = "";
  const said = document.createElement("span");
  said.textContent = text;
  shown.append(said);
  if (link) {
    const way = document.createElement("a");
    Object.assign(way, { href: link.href, textContent: link.text, target: "_blank" });
    shown.append(way);
  }
  for (const [label, act] of Object.entries(actions)) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: label });
    button.addEventListener("click", () => act(shown));
    shown.append(button);
  }
  const before = place.querySelector(`[data-desk-bar="${name}"]`);
  if (before?.isEqualNode(shown) && !Object.keys(actions).length) return before;
  if (before) before.replaceWith(shown);
  else place.append(shown);
  return shown;
}

export function unbar(name) {
  place.querySelector(`[data-desk-bar="${name}"]`)?.remove();
}
