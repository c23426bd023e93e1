// All the script there is. Each page works without it.
import { initAll } from "./govuk-frontend.min.js";

initAll();

/** Let a button copy the text of the element that it names. */
function letCopy(button) {
  const source = document.getElementById(button.dataset.copies);
  const told = document.getElementById(button.dataset.tells);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      told.textContent = "Copied.";
    } catch {
      told.textContent = "Your browser did not allow it. Select the text and copy it.";
    }
  });
}

document.querySelectorAll("[data-copies]").forEach(letCopy);
