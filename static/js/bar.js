// The bar's panels, its ways to the same place in another view of the page, and 打印.
const folds = [...document.querySelectorAll("details[data-fold]")];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const fold of folds.filter((each) => each.open)) {
    fold.open = false;
    fold.querySelector("summary").focus();
  }
});
document.addEventListener("click", ({ target }) => {
  for (const fold of folds) {
    if (!fold.contains(target) || target.closest("[data-closes]")) fold.open = false;
  }
});
for (const fold of folds) {
  fold.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !fold.contains(relatedTarget)) fold.open = false;
  });
}

for (const way of document.querySelectorAll("a[data-elsewhere]")) {
  way.addEventListener("click", () => {
    const there = new URL(way.href);
    const here = new URL(location.href);
    const [name, value] = way.dataset.elsewhere.split("=");
    if (name) here.searchParams.set(name, value);
    there.search = here.search;
    there.hash = here.hash;
    way.href = there;
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.parentElement.hidden = false;
  button.addEventListener("click", () => print());
}
