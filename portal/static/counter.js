// What a counter's pages do better with script: photos are made smaller before
// they are sent over a slow line, signatures are drawn, QR codes are read.
"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const say = (text) => { const place = $("#say"); if (place) place.textContent = text; };

  const shrink = async (input) => {
    const file = input.files[0], longest = 1600, enough = 300000;
    if (!file || file.size <= enough) return;
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
    if (!blob || blob.size >= file.size || input.files[0] !== file) return;
    const list = new DataTransfer();
    list.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
    input.files = list.files;
  };
  // What cannot be made smaller here is sent as it is, and judged by the server.
  for (const input of document.querySelectorAll("input[data-shrink]")) input.addEventListener("change", () => shrink(input).catch(() => {}));

  const pad = $("[data-pad]");
  if (pad) {
    const form = pad.closest("form"), canvas = $("canvas", pad), field = $("input[name=signature]", pad), drawn = $("input[value=drawn]", pad);
    const pen = canvas.getContext("2d"), least = 5, most = 23000;
    let strokes = [], line = null;
    const text = () => strokes.map((s) => s.map((p) => p.join(",")).join(" ")).join(";");
    const wipe = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); };
    const check = () => drawn.setCustomValidity(drawn.checked && !strokes.length ? pad.dataset.empty : "");
    const at = (e) => {
      const box = canvas.getBoundingClientRect();
      const within = (n, top) => Math.max(0, Math.min(top, Math.round(n * top)));
      return [within((e.clientX - box.left) / box.width, canvas.width), within((e.clientY - box.top) / box.height, canvas.height)];
    };
    const ends = () => { if (line) { line = null; field.value = text(); check(); } };
    wipe();
    pen.lineWidth = 5; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = "#000";
    pad.hidden = false;
    canvas.addEventListener("pointerdown", (e) => {
      if (e.button || strokes.length >= 80 || field.value.length > most) return;
      e.preventDefault();
      canvas.setPointerCapture(e.pointerId);
      drawn.checked = true;
      line = [at(e)];
      strokes.push(line);
      pen.beginPath(); pen.moveTo(...line[0]); pen.lineTo(...line[0]); pen.stroke();
    });
    canvas.addEventListener("pointermove", (e) => {
      if (!line || line.length > 700) return;
      const p = at(e), last = line[line.length - 1];
      if (Math.hypot(p[0] - last[0], p[1] - last[1]) < least) return;
      line.push(p);
      pen.beginPath(); pen.moveTo(...last); pen.lineTo(...p); pen.stroke();
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, ends);
    $("[data-clear]", pad).addEventListener("click", () => { strokes = []; line = null; field.value = ""; wipe(); check(); });
    form.addEventListener("change", check);
    if (!$("input[value=paper]", form)) drawn.checked = true;
    check();
  }

  const scan = $("[data-scan]");
  if (scan && "BarcodeDetector" in window && navigator.mediaDevices) {
    const button = $("button", scan), video = $("video", scan), hint = $("[data-hint]", scan), code = $("#code");
    let stream = null;
    const stop = () => {
      if (stream) for (const track of stream.getTracks()) track.stop();
      stream = null; video.srcObject = null; video.hidden = true; hint.hidden = true;
      button.textContent = scan.dataset.start;
    };
    const watch = async (reader) => {
      while (stream) {
        const found = await reader.detect(video).catch(() => []);
        const text = stream && found.length ? found[0].rawValue.trim() : "";
        if (text && text.length <= 64) {
          code.value = text;
          stop();
          $("#name").focus();
          return;
        }
        await new Promise((done) => setTimeout(done, 200));
      }
    };
    button.addEventListener("click", async () => {
      if (stream) { stop(); return; }
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        video.srcObject = stream; video.hidden = false; hint.hidden = false;
        hint.textContent = scan.dataset.look; say(scan.dataset.look);
        button.textContent = scan.dataset.stop;
        await video.play();
        await watch(new BarcodeDetector({ formats: ["qr_code"] }));
      } catch {
        stop();
        hint.hidden = false; hint.textContent = scan.dataset.denied; say(scan.dataset.denied); button.hidden = true;
      }
    });
    addEventListener("pagehide", stop);
    BarcodeDetector.getSupportedFormats().then((list) => { if (list.includes("qr_code")) scan.hidden = false; }).catch(() => {});
  }
})();
