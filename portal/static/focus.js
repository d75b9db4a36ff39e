// Moves the focus to the summary of errors, so that it is read first.
const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();
