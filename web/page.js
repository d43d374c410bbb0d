// The examples name the address that this page came from.
for (const element of document.querySelectorAll("[data-address]")) {
  element.textContent = location.host;
}
