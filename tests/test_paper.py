"""종이와 전자책: 차례, 펴기, 링크, 표지, EPUB의 짜임. 인쇄는 tests/site/test_paper.py가 합니다."""

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from PIL import Image

from course import chromium, notebooks
from course.bootstrap import Stop
from course.paper import epub, leaves, pdf, style
from website.page import parse
from website.site import paper

XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
HOME = """<section id="책"><h1>책 이름<a class="headerlink" href="#책">#</a></h1>
<p><a href="setup.html#설치">설치</a>, <a href="../notebooks/cnn/digits.html">숫자</a>, <a href="https://a.kr/">밖</a></p>
<div class="dlko-demo" data-demo="cnn/digits"><p>기다리는 중</p></div></section>"""
SETUP = """<section id="설치"><h1>설치 &amp; 환경</h1><div class="sd-tab-set docutils">
<input checked id="t1" name="t" type="radio"/><label class="sd-tab-label" for="t1">Windows</label>
<div class="sd-tab-content docutils"><p>py</p></div>
<input id="t2" name="t" type="radio"/><label class="sd-tab-label" for="t2">macOS</label>
<div class="sd-tab-content docutils"><p>python3</p></div></div></section>"""
DIGITS = """<section id="숫자"><h1>숫자</h1><ul class="dlko-chapter-line"><li>약 3분</li><li><a href="../../_sources/a.ipynb"
download>내려받기</a></li></ul><p>앞의 <a href="../../book/setup.html">설치</a>와 <a href="../../none.html">없는 쪽</a></p>
<section id="더"><details class="dlko-deeper"><summary><h3>더 깊이: 더</h3></summary><p>깊은 글</p></details></section>
<details class="hide above-input"><summary aria-label="x"><span>코드 보기</span></summary><pre>plt.plot(x)</pre></details>
<details><summary>① 보기</summary><p>맞습니다.</p></details>
<span class="math"><span class="katex"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML">
<semantics><mrow><mi>x</mi></mrow><annotation encoding="application/x-tex">x</annotation></semantics></math></span>
<span class="katex-html" aria-hidden="true"><span class="mord">x</span></span></span></span>
<img src="../../_images/a.webp" alt="그림" loading="lazy" width="8" height="8"/></section>"""
NAMES = ["book/index", "book/setup", "notebooks/cnn/digits"]


@pytest.fixture
def site(tmp_path, monkeypatch):
    """쪽 셋짜리 만든 책."""
    folder = tmp_path / "html"
    for name, body in zip(NAMES, (HOME, SETUP, DIGITS), strict=True):
        file = folder / f"{name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        footer = '<p class="dlko-paper" hidden></p>' if name == "book/index" else ""
        file.write_text(f"<html><body><article>{body}</article>{footer}</body></html>", encoding="utf-8")
    (folder / "index.html").touch()
    (folder / "_images").mkdir()
    Image.new("RGB", (8, 8), "red").save(folder / "_images" / "a.webp")
    (folder / "_static").mkdir()
    (folder / "_static" / "logo.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8"
    )
    found = [notebooks.Part("시작", ("book/setup",)), notebooks.Part("기초", ("notebooks/cnn/digits",))]
    monkeypatch.setattr(leaves, "parts", lambda: found)
    for module in (leaves, pdf, epub, style):
        if hasattr(module, "HTML"):
            monkeypatch.setattr(module, "HTML", folder)
    for module in (pdf, epub):
        monkeypatch.setattr(module, "FOLDER", tmp_path / "paper")
    monkeypatch.setattr(style, "write_fonts", toy_fonts)
    return folder


def toy_fonts(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dlko-sans-400.woff2").write_bytes(b"wOF2")
    return ["dlko-sans-400.woff2"]


def read(site):
    return leaves.read(site, lambda key, place: f"{key}.xhtml#{place}")


def test_pages_follow_the_table_of_contents(site):
    found = read(site)
    assert [leaf.name for leaf in found] == NAMES
    assert [leaf.part for leaf in found] == ["", "시작", "기초"]
    assert [leaf.title for leaf in found] == [leaves.HOME_TITLE, "설치 & 환경", "숫자"]
    html = pdf.source_html(found)
    assert re.findall(r'<li><a href="#(p\d\d)">', html) == re.findall(
        r'<section class="leaf" id="(p\d\d)">', html
    )


def test_every_page_of_the_book_is_wanted():
    names = [name for _, name in leaves.contents()]
    assert names[0] == leaves.HOME and len(names) == len(set(names))
    assert {chapter.docname for chapter in notebooks.chapters()} < set(names)


def test_tabs_and_folds_are_open_and_nothing_is_lost(site):
    _, setup, digits = read(site)
    assert [tag.get_text() for tag in setup.body.select(".tabs > *")] == ["Windows", "py", "macOS", "python3"]
    assert not setup.body("input") and not digits.body(["details", "summary"])
    text = digits.body.get_text()
    for kept in ("더 깊이: 더", "깊은 글", "plt.plot(x)", "① 보기", "맞습니다."):
        assert kept in text
    assert digits.body.h3.parent["class"] == "deeper", "더 깊이의 제목은 제목으로 남아야 합니다."
    for gone in ("코드 보기", "내려받기"):
        assert gone not in text


def test_demo_becomes_a_sentence(site, monkeypatch):
    assert read(site)[0].body.find(class_="demo").get_text().strip() == leaves.DEMO
    monkeypatch.setenv("DLKO_SITE_URL", "https://a.kr/book/")
    assert read(site)[0].body.find(class_="demo").a["href"] == "https://a.kr/book/book/index.html"


def test_links_stay_inside_the_book(site):
    home, _, digits = read(site)
    assert [link["href"] for link in home.body("a")] == [
        "p01.xhtml#p01-설치",
        "p02.xhtml#p02",
        "https://a.kr/",
    ]
    assert [link["href"] for link in digits.body("a")] == ["p01.xhtml#p01"], (
        "갈 수 없는 링크는 글만 남깁니다."
    )


def test_book_that_is_not_built_is_a_sentence(tmp_path, site):
    with pytest.raises(Stop, match="make book"):
        read(tmp_path)
    (site / "book" / "setup.html").unlink()
    with pytest.raises(Stop, match=r"book/setup.*make book"):
        read(site)


def test_missing_chromium_is_a_sentence(site, monkeypatch):
    monkeypatch.setattr(chromium, "find", lambda: "")
    with pytest.raises(Stop, match="DLKO_CHROMIUM"):
        pdf.pdf()
    assert not (site / paper.FILES["PDF"]).exists()


def test_formula_is_printed_once(site):
    html = pdf.source_html(read(site))
    assert "katex-html" in html and "<math" not in html


def test_moving_picture_stops_at_its_last_scene(tmp_path):
    scenes = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    scenes[0].save(tmp_path / "a.gif", save_all=True, append_images=scenes[1:], duration=100)
    body = parse(f'<p><img src="{(tmp_path / "a.gif").as_uri()}" alt="그림"/></p>')
    pdf.stop_moving(body, tmp_path)
    with Image.open(tmp_path / str(body.img["src"])) as still:
        red, _, blue = still.getpixel((1, 1))
    assert blue > red and pdf.STILL in body.get_text()


def test_page_numbers_follow_the_sheets():
    data = (
        b"%PDF-1.4\n5 0 obj\n<</Type /Page\n/Parent 9 0 R>>\nendobj\n7 0 obj\n<</Type /Page\n>>\nendobj\n"
        b"9 0 obj\n<</Type /Pages\n/Kids [5 0 R 7 0 R]>>\nendobj\n"
        b"10 0 obj\n<</p00 [5 0 R /XYZ 51 784 0]\n/p01-x [5 0 R /XYZ 0 0 0]\n/p01 [7 0 R /XYZ 51 784 0]>>\nendobj"
    )
    assert len(pdf.sheets(data)) == 2 and pdf.page_numbers(data) == {"p00": 1, "p01": 2}


def test_running_head_is_safe_in_css():
    head = pdf.running_head(leaves.Leaf("p01", "a", "", 'a "b" \\ c', None))
    assert r'content: "a \"b\" \\ c"' in head


def test_epub_is_complete_and_in_order(site):
    epub.epub()
    target = site / paper.FILES["EPUB"]
    with zipfile.ZipFile(target) as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert book.testzip() is None
        files = {name: book.read(name) for name in book.namelist()}
    package = ElementTree.fromstring(files["book/package.opf"])
    items = {item.get("id"): item.get("href") for item in package.iter(f"{OPF}item")}
    assert {f"book/{name}" for name in items.values()} == set(files) - {
        "mimetype", "META-INF/container.xml", "book/package.opf",
    }  # fmt: skip
    spine = [items[entry.get("idref")] for entry in package.iter(f"{OPF}itemref")]
    assert spine == ["cover.xhtml", "contents.xhtml", "p00.xhtml", "p01.xhtml", "p02.xhtml"]

    pages = {name: ElementTree.fromstring(files[f"book/{name}"]) for name in spine}
    ids = {name: {tag.get("id") for tag in page.iter()} for name, page in pages.items()}
    for name, page in pages.items():
        for link in page.iter(f"{XHTML}a"):
            file, _, place = link.get("href").partition("#")
            assert "://" in file or (file in pages and (not place or place in ids[file])), (
                f"{name}: {link.get('href')}"
            )
        for image in page.iter(f"{XHTML}img"):
            assert image.get("alt") and f"book/{image.get('src')}" in files
    shown = Image.open(io.BytesIO(files["book/images/a.jpg"]))
    assert shown.size == (8, 8), "WebP는 모든 단말이 읽는 그림으로 바꿉니다."
    formula = pages["p02.xhtml"].find(".//{http://www.w3.org/1998/Math/MathML}math")
    assert formula.get("alttext") == "x" and b"annotation" not in files["book/p02.xhtml"]
    marked = {item.get("href"): item.get("properties") for item in package.iter(f"{OPF}item")}
    assert marked["contents.xhtml"] == "nav" and marked["p02.xhtml"] == "mathml"


def test_home_offers_only_the_files_that_are_there(site):
    home = site / paper.HOME
    paper.offer(site)
    assert 'class="dlko-paper" hidden></p>' in home.read_text(encoding="utf-8")
    epub.epub()
    text = home.read_text(encoding="utf-8")
    assert 'href="../dlko-book.epub"' in text and "dlko-book.pdf" not in text and "hidden" not in text
    (site / paper.FILES["EPUB"]).unlink()
    paper.offer(site)
    assert "<a" not in home.read_text(encoding="utf-8").split("dlko-paper")[1]


def test_the_home_page_has_a_place_for_the_links():
    from course.bootstrap import ROOT

    footer = (ROOT / "website" / "theme" / "templates" / "site-footer.html").read_text(encoding="utf-8")
    assert paper.PLACE.search(footer)
