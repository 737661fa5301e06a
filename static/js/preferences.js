// Text size in five steps and the dark theme, remembered; the other device's view at the same place.
const root = document.documentElement;
const sizes = document.querySelectorAll("button[data-size]");
const theme = document.querySelector("[data-theme-switch]");
const systemDark = matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);

function show() {
  for (const button of sizes) {
    button.setAttribute("aria-pressed", String(button.dataset.size === (root.dataset.size ?? "2")));
  }
  theme?.setAttribute("aria-pressed", String(isDark()));
}

function choose(name, value) {
  root.dataset[name] = value;
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage is switched off: the choice holds for this page.
  }
  show();
}

for (const button of sizes) {
  button.addEventListener("click", () => choose("size", button.dataset.size));
}
theme?.addEventListener("click", () => choose("theme", isDark() ? "light" : "dark"));
systemDark.addEventListener("change", show);

for (const link of document.querySelectorAll("a[data-view]")) {
  link.addEventListener("click", () => {
    const here = new URL(location.href);
    here.searchParams.set("view", link.dataset.view);
    link.href = here;
  });
}

for (const tools of document.querySelectorAll("[data-tools]")) tools.hidden = false;
show();
