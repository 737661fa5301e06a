// Rows of an inline, ordered: django-admin-sortable2 drags those that have the class has_original.
// Here are buttons for the keyboard, and rows that are not saved yet become rows like the others.
"use strict";

{
  const rowsOf = (body) => [...body.querySelectorAll(":scope > tr.has_original")];

  /** Number the rows as they stand. */
  function number(body) {
    rowsOf(body).forEach((row, index) => {
      row.querySelector("input._reorder_").value = index + 1;
    });
  }

  function move(button) {
    const row = button.closest("tr.has_original");
    const rows = row ? rowsOf(row.parentElement) : [];
    const up = button.dataset.move === "up";
    const other = rows[rows.indexOf(row) + (up ? -1 : 1)];
    if (!other) return;
    other.insertAdjacentElement(up ? "beforebegin" : "afterend", row);
    number(row.parentElement);
    button.focus();
  }

  /** A row counts once something is chosen in it; an empty one is never sent. */
  function settle(row) {
    const chosen = row.querySelector("select")?.value;
    row.classList.toggle("has_original", Boolean(chosen));
  }

  /**
   * Django numbers the fields of the rows anew when one is taken out, in the order in which they
   * stand; but saved rows have to be the first of those it gets back.
   */
  function renumberFields(prefix) {
    const rows = [...document.querySelectorAll(`#${prefix}-group tr.form-row:not(.empty-form)`)];
    const saved = (row) => Boolean(row.querySelector(`input[name$="-id"]`)?.value);
    const inOrder = [...rows.filter(saved), ...rows.filter((row) => !saved(row))];
    const old = new RegExp(`${prefix}-\\d+`);
    inOrder.forEach((row, index) => {
      for (const each of [row, ...row.querySelectorAll("[id], [name], [for]")]) {
        for (const name of ["id", "name", "for"]) {
          const value = each.getAttribute(name);
          if (value) each.setAttribute(name, value.replace(old, `${prefix}-${index}`));
        }
      }
    });
  }

  for (const fieldset of document.querySelectorAll("fieldset.sortable")) {
    fieldset.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (button) move(button);
    });
    // select2 tells of a choice by jQuery alone.
    django.jQuery(fieldset).on("change", "tr.form-row select", (event) => {
      const row = event.target.closest("tr");
      if (!row.querySelector(`input[name$="-id"]`)?.value) settle(row);
    });
  }
  document.addEventListener("formset:removed", (event) => {
    const prefix = event.detail.formsetName;
    if (!document.querySelector(`#${prefix}-group fieldset.sortable`)) return;
    setTimeout(() => renumberFields(prefix)); // Django numbers after it has told
  });
}
