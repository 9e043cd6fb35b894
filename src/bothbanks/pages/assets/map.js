// Lets each map be moved and zoomed where script runs. Without script the picture stays as it is.
(function () {
  "use strict";
  if (typeof L === "undefined") { return; }
  document.querySelectorAll("figure.map").forEach(function (figure) {
    var picture = figure.querySelector("img");
    var width = Number(figure.dataset.w), height = Number(figure.dataset.h);
    var button = document.createElement("button");
    var live = null, map = null;
    button.type = "button";
    button.textContent = figure.dataset.go;
    picture.insertAdjacentElement("afterend", button);
    button.addEventListener("click", function () {
      if (map) {
        map.remove(); live.remove(); map = live = null;
        picture.hidden = false;
        button.textContent = figure.dataset.go;
        return;
      }
      live = document.createElement("div");
      live.className = "live";
      live.setAttribute("role", "region");
      live.setAttribute("aria-label", picture.alt);
      picture.insertAdjacentElement("beforebegin", live);
      picture.hidden = true;
      var bounds = [[0, 0], [height, width]];
      map = L.map(live, { crs: L.CRS.Simple, minZoom: -2, maxZoom: 4, zoomSnap: 0.25, attributionControl: false, zoomControl: false });
      L.control.zoom({ zoomInTitle: figure.dataset["in"], zoomOutTitle: figure.dataset.out }).addTo(map);
      L.imageOverlay(picture.getAttribute("src"), bounds, { alt: picture.alt }).addTo(map);
      map.fitBounds(bounds);
      map.setMaxBounds([[-height * 0.2, -width * 0.2], [height * 1.2, width * 1.2]]);
      button.textContent = figure.dataset.stop;
      live.focus();
    });
  });
}());
