/* 한국어 검색. 데이터는 search-data.js의 DLKO_SEARCH: [주소, 제목, 부분, 설명, [[절 id, 절 제목, 글, 용어면 1], …]] */
(function (root) {
  "use strict";

  const HANGUL = "가-힣";
  // 긴 것부터 떼어 봅니다.
  const PARTICLES = (
    "이라고는 이라는 이라고 이란 이라 이나마 이든지 이에요 이지만 이므로 이었다 이며 이고 이면 이다 " +
    "입니다 입니까 인가요 인지 인데 에서는 에서도 에서의 에서 에게서 에게는 에게 에는 에도 에만 " +
    "으로는 으로도 으로써 으로서 으로부터 으로 로부터 로써 로서 로는 로도 부터 까지 마다 처럼 보다 조차 마저 밖에 만큼 " +
    "라고는 라는 라고 란 라 들이 들을 들은 들의 들과 들도 들에 들 이랑 랑 하고 와는 과는 와의 과의 예요 지만 " +
    "은 는 이 가 을 를 의 에 로 와 과 도 만 나 다 요 야 인 면 며 고"
  ).split(" ");
  // ‘학습하면’, ‘정규화했더니’처럼 하다·되다·시키다가 붙은 꼴.
  const VERBAL = new RegExp(
    "^([" + HANGUL + "]{2,}?)(?:하|한|할|함|합|해|했|되|된|될|됨|됩|돼|됐|시키|시킨|시킬|시킴|시킵|시켜|시켰)[" + HANGUL + "]*$"
  );

  const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const clean = (text) => text.normalize("NFC").toLowerCase();

  /* 검색어를 낱말로. 한글과 로마자가 붙어 있으면 나눕니다: ‘LSTM은’ → lstm + 은 */
  function words(query) {
    const found = [];
    for (const chunk of clean(query).split(/[^0-9a-z가-힣_.+-]+/)) {
      const runs = chunk.replace(/^[.+-]+|[.+-]+$/g, "").match(/[가-힣]+|[^가-힣]+/g) || [];
      runs.forEach((run, i) => {
        const text = run.replace(/^[._+-]+|[._+-]+$/g, "");
        const afterLatin = i > 0 && /[가-힣]/.test(text);
        if (text && !(afterLatin && isParticle(text))) found.push(text);
      });
    }
    return [...new Set(found)];
  }

  function isParticle(text) {
    return text === "" || PARTICLES.some((p) => text.endsWith(p) && isParticle(text.slice(0, -p.length)));
  }

  /* 조사와 어미를 뗀 꼴들. 두 글자 아래로는 줄이지 않습니다. */
  function stems(word) {
    if (!/^[가-힣]{3,}$/.test(word)) return [];
    const found = new Set();
    const queue = [word];
    while (queue.length) {
      const text = queue.pop();
      for (const particle of PARTICLES) {
        const stem = text.slice(0, -particle.length);
        if (text.endsWith(particle) && stem.length >= 2 && !found.has(stem)) {
          found.add(stem);
          queue.push(stem);
        }
      }
      const verbal = VERBAL.exec(text);
      if (verbal && !found.has(verbal[1])) {
        found.add(verbal[1]);
        queue.push(verbal[1]);
      }
    }
    return [...found].sort((a, b) => b.length - a.length);
  }

  /* 낱말 하나를 찾는 정규식 */
  function pattern(word) {
    const text = escapeRegExp(word);
    if (/^[가-힣]$/.test(word)) return new RegExp("(?<![가-힣])" + text + "(?![가-힣])|" + text + "(?=[은는이가을를의에과도])", "g");
    if (/^[a-z0-9]{1,3}$/.test(word)) return new RegExp("(?<![a-z0-9])" + text, "g");
    if (/^[가-힣 ]+$/.test(word)) return new RegExp([...text.replace(/ /g, "")].join("\\s?"), "g");
    return new RegExp(text, "g");
  }

  const count = (text, regex) => (text.match(regex) || []).length;

  function prepare(data) {
    return data.map(([url, title, part, description, sections]) => ({
      url, title, part, description,
      kind: /^notebooks\//.test(url) ? "chapter" : /index\.html$/.test(url) ? "home" : /references\.html$/.test(url) ? "list" : "page",
      titleText: clean(title),
      descriptionText: clean(description || ""),
      sections: sections.map(([id, heading, text, term]) => ({
        id, heading, text, term: !!term, headingText: clean(heading), textText: clean(text),
      })),
    }));
  }

  /* 용어집의 용어 이름들: ‘합성곱 신경망(CNN)’ → 합성곱 신경망, cnn */
  function termNames(heading) {
    return clean(heading).split(/[()/,·]|\s-\s/).map((name) => name.trim()).filter(Boolean);
  }

  /* 용어집의 ‘다른 이름: 가, 나’ */
  function otherNames(text) {
    const found = /다른 이름:\s*([^·]*?)(?:\s*·|\s*처음|\.|$)/.exec(clean(text));
    return found ? found[1].split(",").map((name) => name.replace(/\(.*?\)/g, "").trim()).filter(Boolean) : [];
  }

  /* 글에서 바로 뒤에 조사가 붙은 곳이 있으면 이름씨로 봅니다. ‘인코딩으’처럼 조사의 앞부분만 남은 꼴은 아닙니다. */
  function isNoun(word, whole, names) {
    if (names.has(word)) return true;
    if (word.endsWith("으")) return false;
    return new RegExp(escapeRegExp(word) + "(?:[은는이가을를의로와과도만]|에서|으로)(?![가-힣])").test(whole);
  }

  /* 더 줄일 것이 없는 이름씨인지. ‘합성곱에서’(는)는 ‘합성곱’이 이름씨이므로 더 줄일 것이 있습니다. */
  function isWholeNoun(word, whole, names) {
    if (names.has(word)) return true;
    return isNoun(word, whole, names) && !stems(word).some((stem) => isNoun(stem, whole, names));
  }

  /* 낱말마다 찾을 꼴을 정합니다. 낱말이 그 자체로 쓰이는 이름씨면(뒤에 조사가 붙은 곳이 있으면) 조사를 떼지 않습니다. */
  function variants(word, pages, names) {
    const exact = { text: word, weight: 1, regex: pattern(word) };
    // 짧은 로마자는 낱말의 첫머리에서 찾고(gan ≠ organ), 속에 든 것은 맨 뒤로 보냅니다.
    if (/^[a-z0-9]{2,3}$/.test(word)) return [exact, { text: word, weight: 0.05, regex: new RegExp(escapeRegExp(word), "g") }];
    if (!/^[가-힣]{3,}$/.test(word)) return [exact];
    const whole = pages.map((page) => page.sections.map((s) => s.headingText + " " + s.textText).join(" ")).join(" ");
    if (isWholeNoun(word, whole, names)) return [exact];
    const found = [exact];
    let weight = 0.9;
    for (const stem of stems(word)) {
      const regex = pattern(stem);
      if (regex.test(whole)) {
        regex.lastIndex = 0;
        found.push({ text: stem, weight, regex });
        weight *= 0.6;
        if (isWholeNoun(stem, whole, names)) break; // 이름씨를 찾았으면 더 줄이지 않습니다
      }
    }
    if (found.length === 1 && !exact.regex.test(whole)) {
      for (let length = word.length - 1; length >= 2; length--) {
        const stem = word.slice(0, length);
        if (whole.includes(stem)) { found.push({ text: stem, weight: 0.5, regex: pattern(stem) }); break; }
      }
    }
    exact.regex.lastIndex = 0;
    return found;
  }

  function sectionScore(section, forms) {
    let best = 0;
    for (const form of forms) {
      const inHeading = count(section.headingText, form.regex);
      const inText = count(section.textText, form.regex);
      if (!inHeading && !inText) continue;
      best = Math.max(best, form.weight * ((inHeading ? 12 : 0) + (8 * inText) / (inText + 4)));
    }
    return best;
  }

  function wordScore(page, forms) {
    let best = 0;
    for (const form of forms) {
      let inText = 0, inHeadings = 0, inTerms = 0;
      for (const section of page.sections) {
        inText += count(section.textText, form.regex);
        if (count(section.headingText, form.regex)) section.term ? inTerms++ : inHeadings++;
      }
      const inTitle = count(page.titleText, form.regex);
      const inDescription = count(page.descriptionText, form.regex);
      if (!inText && !inHeadings && !inTitle && !inTerms) continue;
      const score =
        1 + (inTitle ? 30 : 0) + (inDescription ? 8 : 0) + 5 * Math.min(inHeadings, 4) + (inTerms ? 8 : 0) +
        (30 * inText) / (inText + 30);
      best = Math.max(best, form.weight * score);
    }
    return best;
  }

  const KIND_WEIGHT = { chapter: 1, page: 0.85, list: 0.7, home: 0.4 };

  /* 결과: [{page, section, score, terms}] 점수가 높은 쪽부터 */
  function search(pages, query) {
    const tokens = words(query);
    if (!tokens.length) return [];
    const terms = [];
    for (const page of pages)
      for (const section of page.sections)
        if (section.term) terms.push({ page, section, names: termNames(section.heading), others: otherNames(section.text) });
    const names = new Set(terms.flatMap((term) => term.names.concat(term.names.flatMap((name) => name.split(" ")))));
    const forms = tokens.map((token) => variants(token, pages, names));
    // 다른 책의 이름(예: 컨볼루션)으로 찾으면 이 책의 이름(합성곱)으로도 찾습니다.
    forms.forEach((list) => {
      for (const term of terms) {
        if (list.some((form) => term.others.includes(form.text)) && !list.some((form) => form.text === term.names[0]))
          list.push({ text: term.names[0], weight: 0.8, regex: pattern(term.names[0]) });
      }
    });

    // 검색어가 곧 용어집의 용어이면 그 풀이를 맨 앞에 둡니다.
    const plain = tokens.join(" ");
    const squeezed = (text) => text.replace(/[\s-]+/g, "");
    const wanted = new Set([plain, ...(tokens.length === 1 ? stems(plain) : [])].map(squeezed));
    if (tokens.length === 1) forms[0].forEach((form) => wanted.add(squeezed(form.text)));
    else {
      const last = tokens.length - 1;
      forms[last].forEach((form) => wanted.add(squeezed([...tokens.slice(0, last), form.text].join(""))));
    }
    const entry = terms.find((term) => term.names.some((name) => squeezed(name) === squeezed(plain)))
      || terms.find((term) => term.others.some((name) => squeezed(name) === squeezed(plain)))
      || terms.find((term) => term.names.some((name) => wanted.has(squeezed(name))));

    const phrase = tokens.length > 1 ? new RegExp(forms.map((list) =>
      "(?:" + list.map((form) => escapeRegExp(form.text)).join("|") + ")").join("[가-힣]{0,2}\\s?"), "g") : null;
    const scored = pages.map((page) => {
      const scores = forms.map((list) => wordScore(page, list));
      const matched = scores.filter((score) => score > 0).length;
      let score = scores.reduce((sum, value) => sum + value, 0) / tokens.length;
      if (phrase && matched === tokens.length) {
        if (count(page.titleText, phrase)) score += 25;
        const headings = page.sections.filter((section) => count(section.headingText, phrase)).length;
        const near = page.sections.reduce((sum, section) => sum + count(section.textText, phrase), 0);
        score += 6 * Math.min(headings, 3) + (20 * near) / (near + 6);
      }
      return { page, matched, score: score * KIND_WEIGHT[page.kind] };
    }).filter((item) => item.matched > 0);

    const most = Math.max(0, ...scored.map((item) => item.matched));
    const results = scored.filter((item) => item.matched === most).sort((a, b) => b.score - a.score)
      .map((item) => ({ ...item, sections: bestSections(item.page, forms, phrase) }));
    if (entry) {
      const at = results.findIndex((item) => item.page === entry.page);
      const found = at >= 0 ? results.splice(at, 1)[0] : { page: entry.page, score: 0, sections: [] };
      found.sections = [entry.section, ...found.sections.filter((section) => section !== entry.section)];
      found.isEntry = true;
      results.unshift(found);
    }
    const marks = [...new Set(forms.flat().map((form) => form.text))];
    results.forEach((item) => { item.marks = marks; item.regexes = forms.flat().map((form) => form.regex); });
    return results;
  }

  function bestSections(page, forms, phrase) {
    return page.sections
      .map((section, order) => {
        const scores = forms.map((list) => sectionScore(section, list));
        const near = phrase ? 6 * Math.min(2, count(section.headingText + " " + section.textText, phrase)) : 0;
        const matched = scores.filter((score) => score > 0).length;
        return { section, order, score: matched * 4 + near + scores.reduce((sum, value) => sum + value, 0), matched };
      })
      .filter((item) => item.matched > 0)
      .sort((a, b) => b.score - a.score || a.order - b.order)
      .slice(0, 4)
      .map((item) => item.section);
  }

  /* 처음 나온 곳 둘레의 글 */
  function excerpt(section, regexes, length = 150) {
    const text = section.text;
    const lower = clean(text);
    let at = -1;
    for (const regex of regexes) {
      regex.lastIndex = 0;
      const hit = regex.exec(lower);
      regex.lastIndex = 0;
      if (hit && (at < 0 || hit.index < at)) at = hit.index;
    }
    let start = Math.max(0, at - 50);
    if (start > 0) start = text.indexOf(" ", start) + 1 || start;
    const end = Math.min(text.length, start + length);
    return (start > 0 ? "… " : "") + text.slice(start, end).trim() + (end < text.length ? " …" : "");
  }

  /* 글에서 찾은 자리들 [[시작, 끝], …] */
  function hits(text, regexes) {
    const lower = clean(text);
    const spans = [];
    if (lower.length !== text.length) return spans;
    for (const regex of regexes)
      for (const hit of lower.matchAll(regex)) if (hit[0]) spans.push([hit.index, hit.index + hit[0].length]);
    spans.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    return spans.filter(([start, end], i) => !spans.slice(0, i).some(([s, e]) => start < e && end > s));
  }

  root.DLKO_FIND = { words, stems, pattern, prepare, search, excerpt, hits, clean };
  if (typeof module !== "undefined") module.exports = root.DLKO_FIND;
})(typeof window !== "undefined" ? window : globalThis);
