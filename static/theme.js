// Changes the colours without loading the page again, so that what is typed or answered stays. Without it the form
// does the same by itself.

for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("submit", async (event) => {
    const chosen = event.submitter;
    if (!(chosen instanceof HTMLButtonElement)) return;
    event.preventDefault();
    document.documentElement.dataset.theme = chosen.value;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === chosen));
    }
    try {
      await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams({ theme: chosen.value, return: "/healthz" }),
      });
    } catch {
      // The choice holds for this page; it is kept for the next ones once the server can be reached.
    }
  });
}
