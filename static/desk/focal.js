// The focal point of a photo: a click on the picture, or arrow keys in the number fields, move the
// mark and the cropped view. The fields are what is saved.
"use strict";

{
  const place = document.querySelector("[data-focal]");
  const across = document.getElementById("id_focus_x");
  const down = document.getElementById("id_focus_y");

  if (place && across && down) {
    const picture = place.querySelector("[data-focal-picture]");
    const mark = place.querySelector("[data-focal-mark]");
    const crop = place.querySelector("[data-focal-crop]");
    const percent = (value) => Math.min(100, Math.max(0, Math.round(Number(value) || 0)));

    const draw = () => {
      const [x, y] = [percent(across.value), percent(down.value)];
      mark.style.left = `${x}%`;
      mark.style.top = `${y}%`;
      crop.style.objectPosition = `${x}% ${y}%`;
    };

    picture.addEventListener("click", (event) => {
      const box = picture.getBoundingClientRect();
      across.value = percent(((event.clientX - box.left) / box.width) * 100);
      down.value = percent(((event.clientY - box.top) / box.height) * 100);
      draw();
    });
    for (const field of [across, down]) field.addEventListener("input", draw);
    picture.classList.add("focal__picture--ready");
    mark.hidden = false;
    draw();
  }
}
