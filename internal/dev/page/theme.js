// The colours a reader chose, before anything is drawn. It is no module, so that it runs at once.
"use strict";
try {
  const theme = localStorage.getItem("phgen.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser may keep nothing; then the system decides.
}
