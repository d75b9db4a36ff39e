// Shows a question only while the answer it depends on asks for it. Hidden questions are not sent. Without JavaScript all are shown.
(() => {
  const conditional = [...document.querySelectorAll("[data-show-if]")];
  if (!conditional.length) return;
  const unanswered = ["", "na"]; // a skipped question makes every condition false; `unless` alone hides nothing before it is answered

  const holds = (question, form) => {
    const given = new FormData(form).getAll(question.dataset.showIf).filter((value) => !unanswered.includes(value));
    const op = question.dataset.showOp;
    if (!given.length) return op === "unless";
    const values = JSON.parse(question.dataset.showValues);
    const met = given.some((value) => values.includes(value));
    return op === "!=" || op === "unless" ? !met : met;
  };

  // In the order of the page: a question that hides takes the ones that hang on it with it.
  const refresh = () => {
    for (const question of conditional) {
      const form = question.closest("form");
      const shown = form ? holds(question, form) : true;
      question.hidden = !shown;
      for (const control of question.querySelectorAll("input, select, textarea")) control.disabled = !shown;
    }
  };

  document.addEventListener("change", refresh);
  window.addEventListener("pageshow", refresh); // the browser may have put earlier answers back
  refresh();
})();
