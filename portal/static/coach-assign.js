// The page on which a coach assigns: narrows the list of exercises to a step or to words, and keeps the preview in step with what is typed.
// Exercises are [data-exercise] with data-step; the preview's parts are [data-preview="<name of a control>"]. Without JavaScript the whole list stands.
(() => {
  const form = document.querySelector("form[data-assign]");
  if (!form) return;
  const step = form.querySelector("[data-filter-step]");
  const find = form.querySelector("[data-filter-words]");
  const none = form.querySelector("[data-none]");
  const kept = form.querySelector("[data-still-chosen]");
  const again = form.querySelector("[data-again]");
  const exercises = [...form.querySelectorAll("[data-exercise]")];

  const narrow = () => {
    const wanted = step ? step.value : "";
    const words = (find ? find.value : "").toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    let beside = null; // what is chosen and does not fit
    for (const exercise of exercises) {
      const text = exercise.textContent.toLocaleLowerCase();
      // words look through every step; what belongs to no step (the check-in) stands with each
      const fits = words.length ? words.every((word) => text.includes(word)) : !wanted || !exercise.dataset.step || exercise.dataset.step === wanted;
      const chosen = exercise.querySelector("input:checked");
      exercise.hidden = !fits && !chosen; // what is chosen never vanishes
      if (fits) found += 1;
      else if (chosen) beside = chosen;
    }
    if (none) none.hidden = found > 0;
    if (kept) {
      kept.hidden = found > 0 || !beside;
      kept.querySelector("[data-title]").textContent = beside?.dataset.exerciseTitle ?? "";
    }
  };

  const chosenText = (name) => {
    const control = form.elements.namedItem(name);
    if (!control) return "";
    if (control instanceof HTMLSelectElement) return control.selectedOptions[0]?.textContent.trim() ?? "";
    if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement) return control.value.trim();
    const radio = form.querySelector(`input[name="${CSS.escape(name)}"]:checked`);
    return radio ? (radio.dataset.label ?? radio.closest("label").textContent.trim()) : "";
  };

  const preview = () => {
    const chosen = form.querySelector("[data-exercise] input:checked");
    if (again) again.hidden = Boolean(chosen?.hasAttribute("data-joint")) && !again.querySelector("input[value=again]")?.checked;
    for (const part of document.querySelectorAll("[data-preview]")) {
      const fromExercise = part.dataset.preview.startsWith("exercise-");
      const text = fromExercise ? chosen?.dataset[camel(part.dataset.preview)] ?? "" : chosenText(part.dataset.preview);
      part.textContent = text || part.dataset.empty || "";
      const row = part.closest("[data-preview-row]");
      if (row) row.hidden = !part.textContent;
    }
  };
  const camel = (words) => words.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

  form.addEventListener("input", (event) => {
    if (event.target === step || event.target === find) narrow();
    else preview();
  });
  form.addEventListener("change", preview);
  // Enter in the search narrows; it does not assign.
  find?.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  narrow();
  preview();
})();
