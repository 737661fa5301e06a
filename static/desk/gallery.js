// What upload.js takes in above an article's gallery becomes a row of it, with its thumbnail.
"use strict";

{
  function add(group, photo) {
    const chosen = [...group.querySelectorAll("tr.form-row:not(.empty-form) select[name$='-photo']")];
    if (chosen.some((select) => select.value === String(photo.id))) return;
    group.querySelector(".add-row a").click();
    const row = [...group.querySelectorAll("tr.form-row:not(.empty-form)")].at(-1);
    const select = row.querySelector("select[name$='-photo']");
    select.append(new Option(photo.title, photo.id, true, true));
    const image = document.createElement("img");
    image.className = "thumbnail";
    image.src = photo.thumbnail;
    image.alt = "";
    row.querySelector(".field-preview").replaceChildren(image);
    django.jQuery(select).trigger("change");
  }

  for (const place of document.querySelectorAll("[data-gallery]")) {
    place.addEventListener("photo:in", (event) => add(place.closest(".inline-group"), event.detail));
  }
}
