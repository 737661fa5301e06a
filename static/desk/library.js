// The library: the choice between wall and list, kept in the browser; a shared credit shown where
// it will be used.
"use strict";

{
  const views = document.querySelector("[data-views]");
  const page = document.getElementById("changelist");

  function show(view) {
    page.classList.toggle("library--list", view === "list");
    for (const button of views.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
  }

  if (views && page) {
    views.hidden = false;
    show(localStorage.getItem("library-view") ?? "grid");
    views.addEventListener("click", (event) => {
      const view = event.target.dataset.view;
      if (!view) return;
      localStorage.setItem("library-view", view);
      show(view);
    });
  }

  const shared = document.querySelector("[data-describe-form] [name=shared_credit]");
  shared?.addEventListener("input", () => {
    for (const credit of document.querySelectorAll("[name$='-credit']")) {
      credit.placeholder = shared.value;
    }
  });
}
