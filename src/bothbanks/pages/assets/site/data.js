// Lets the picture of a layer be moved and zoomed where script runs; without script the picture stays.
(function () {
  "use strict";
  if (typeof L === "undefined") { return; }
  document.querySelectorAll("figure.layer").forEach(function (figure) {
    var picture = figure.querySelector("img"), button = document.createElement("button"), live = null, map = null;
    button.type = "button";
    button.className = "quiet";
    button.textContent = figure.dataset.go;
    picture.insertAdjacentElement("afterend", button);
    function back() {
      if (map) { map.remove(); }
      if (live) { live.remove(); }
      map = live = null;
      picture.hidden = false;
      button.textContent = figure.dataset.go;
    }
    button.addEventListener("click", function () {
      if (live) { back(); return; }
      live = document.createElement("div");
      live.className = "live";
      live.setAttribute("role", "region");
      live.setAttribute("aria-label", picture.alt);
      live.tabIndex = 0;
      picture.insertAdjacentElement("beforebegin", live);
      picture.hidden = true;
      button.textContent = figure.dataset.stop;
      fetch(figure.dataset.items, { headers: { Accept: "application/geo+json" } }).then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      }).then(function (found) {
        if (!live) { return; }
        map = L.map(live, { attributionControl: false });
        var shapes = L.geoJSON(found, {
          style: { color: "#2f6f9f", weight: 1.5, fillOpacity: 0.25 },
          pointToLayer: function (feature, at) { return L.circleMarker(at, { radius: 5, color: "#17212b", weight: 1 }); },
          onEachFeature: function (feature, shape) {
            var list = document.createElement("dl");
            Object.keys(feature.properties || {}).slice(0, 12).forEach(function (name) {
              var term = document.createElement("dt"), value = document.createElement("dd");
              term.textContent = name;
              value.textContent = feature.properties[name] === null ? "–" : String(feature.properties[name]);
              list.append(term, value);
            });
            shape.bindPopup(list);
          }
        }).addTo(map);
        if (shapes.getBounds().isValid()) { map.fitBounds(shapes.getBounds()); }
        live.focus();
      }).catch(back);
    });
  });
}());
