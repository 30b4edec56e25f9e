/* 시연이 화면에 가까워지면 그 시연의 파일을 받아 시작합니다. 그 전에는 아무것도 받지 않습니다. */
(function () {
  "use strict";
  function load(address) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
  }
  async function start(place) {
    try {
      await load(place.dataset.script);
      window.dlko.demos[place.dataset.demo](place);
      place.classList.add("dlko-demo-ready");
    } catch (error) {
      place.querySelector(".dlko-demo-wait").textContent = "시연을 불러오지 못했습니다. 쪽을 다시 열어 보세요.";
      console.error(error);
    }
  }
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries)
      if (entry.isIntersecting) { near.unobserve(entry.target); start(entry.target); }
  }, { rootMargin: "400px" });
  const begin = () => document.querySelectorAll(".dlko-demo").forEach((place) => near.observe(place));
  document.readyState === "complete" ? begin() : addEventListener("load", begin);
})();
