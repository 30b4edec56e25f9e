"""만든 책을 전자책(EPUB 3) 파일 하나로 묶습니다. 바깥 도구 없이 zip으로 씁니다.

쪽마다 XHTML 파일 하나이고, 수식은 MathML, 그림은 사이트의 그림 그대로입니다.
"""

import html
import io
import re
import time
import uuid
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bs4 import Tag
from PIL import Image, ImageDraw, ImageFont

from course.book import HTML
from course.bootstrap import BUILD, ROOT
from course.paper import style
from course.paper.leaves import Leaf, about_book, by_part, read
from website.site import paper

FOLDER = BUILD / "paper"
FONT = ROOT / "src" / "dlko" / "fonts" / "DLKOSans-Regular.ttf"
KINDS = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".svg": "image/svg+xml",
    ".woff2": "font/woff2", ".css": "text/css", ".xhtml": "application/xhtml+xml",
}  # fmt: skip
CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="ko" xml:lang="ko">
<head>
<meta charset="utf-8" />
<title>{title}</title>
<link rel="stylesheet" type="text/css" href="book.css" />
</head>
<body>
{body}
</body>
</html>
"""
# 읽는 데 무엇이 필요한지: 전자책 서점과 화면 읽기 프로그램이 봅니다.
ACCESS = """<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">unknown</meta>
<meta property="schema:accessibilitySummary">그림마다 대체 글이 있고 수식은 MathML입니다.</meta>"""


def epub() -> int:
    """`make epub`: 만든 책을 EPUB 하나로 묶어 사이트 폴더에 두고, 첫 화면에 링크를 답니다."""
    start = time.monotonic()
    leaves = read(HTML, lambda key, place: f"{key}.xhtml#{place}")
    target = HTML / paper.FILES["EPUB"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    unfinished = FOLDER / target.name
    write(leaves, unfinished)
    unfinished.replace(target)
    paper.offer(HTML)
    size = target.stat().st_size / 1e6
    print(f"[EPUB] 쪽 {len(leaves)}개, {size:.1f} MB, {time.monotonic() - start:.0f}초 걸렸습니다: {target}")
    return 0


def write(leaves: list[Leaf], target: Path) -> None:
    """EPUB 파일. 표준은 mimetype이 압축하지 않은 첫 파일이기를 바랍니다."""
    fonts = style.write_fonts(FOLDER / "fonts")
    files = {f"fonts/{name}": (FOLDER / "fonts" / name).read_bytes() for name in fonts}
    files["cover.png"] = cover()
    files["book.css"] = (
        Path(__file__).with_name("book.css").read_text("utf-8") + style.code_colors()
    ).encode()
    for leaf in leaves:
        keep_mathml(leaf.body)
        files |= take_pictures(leaf.body)
        files[f"{leaf.key}.xhtml"] = page(leaf.title, str(leaf.body.decode(formatter="minimal")))
    files["cover.xhtml"] = page(
        about_book()["title"],
        f'<p><img src="cover.png" alt="표지: {html.escape(about_book()["title"])}" /></p>',
    )
    files["contents.xhtml"] = page("차례", contents(leaves))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("book/package.opf", package(leaves, files))
        for name, data in files.items():
            book.writestr(f"book/{name}", data)


def page(title: str, body: str) -> bytes:
    return PAGE.format(title=html.escape(title), body=body).encode()


def keep_mathml(body: Tag) -> None:
    """KaTeX가 함께 적어 둔 MathML만 남깁니다. LaTeX 원문은 수식의 대체 글이 됩니다."""
    for formula in body.select(".katex"):
        math = formula.find("math")
        if not isinstance(math, Tag):
            continue
        for source in math("annotation"):
            math["alttext"] = source.get_text().strip()
            source.decompose()
        for semantics in math("semantics"):
            semantics.unwrap()
        formula.replace_with(math)


def take_pictures(body: Tag) -> dict[str, bytes]:
    """그림을 책 안의 주소로 바꾸고, 담을 파일들을 돌려줍니다. 모든 단말이 읽지는 못하는 WebP는 JPEG로 바꿉니다."""
    taken = {}
    for image in body("img", src=True):
        path = Path(url2pathname(urlsplit(str(image["src"])).path))
        data, suffix = path.read_bytes(), path.suffix.lower()
        if suffix not in KINDS:
            changed = io.BytesIO()
            Image.open(path).convert("RGB").save(changed, "JPEG", quality=85)
            data, suffix = changed.getvalue(), ".jpg"
        image["src"] = f"images/{path.stem}{suffix}"
        taken[str(image["src"])] = data
    return taken


def contents(leaves: list[Leaf]) -> str:
    """차례. 부가 있으면 그 아래에 쪽들을 둡니다."""
    items = []
    for part, inside in by_part(leaves):
        links = "".join(
            f'<li><a href="{leaf.key}.xhtml">{html.escape(leaf.title)}</a></li>' for leaf in inside
        )
        items.append(f"<li><span>{html.escape(part)}</span><ol>{links}</ol></li>" if part else links)
    return f'<nav epub:type="toc" id="toc"><h1>차례</h1><ol>{"".join(items)}</ol></nav>'


def package(leaves: list[Leaf], files: dict[str, bytes]) -> str:
    """책의 정보, 담은 파일, 읽는 차례."""
    title, made = about_book()["title"], datetime.fromtimestamp((HTML / "index.html").stat().st_mtime, UTC)
    items = "\n".join(
        f'<item id="{identity(name)}" href="{html.escape(name)}" media-type="{KINDS[Path(name).suffix]}"{properties(name, data)}/>'
        for name, data in files.items()
    )
    spine = "\n".join(
        f'<itemref idref="{identity(name)}"/>'
        for name in ("cover.xhtml", "contents.xhtml", *(f"{leaf.key}.xhtml" for leaf in leaves))
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book-id" xml:lang="ko">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="book-id">urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, title)}</dc:identifier>
<dc:title>{html.escape(title)}</dc:title>
<dc:creator>{html.escape(about_book()["author"])}</dc:creator>
<dc:language>ko</dc:language>
<dc:rights>{style.TERMS}</dc:rights>
<meta property="dcterms:modified">{made:%Y-%m-%dT%H:%M:%SZ}</meta>
{ACCESS}
</metadata>
<manifest>
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""


def identity(name: str) -> str:
    return "f-" + re.sub("[^A-Za-z0-9]", "-", name)


def properties(name: str, data: bytes) -> str:
    """파일에 든 것을 미리 알리는 표시."""
    found = {"contents.xhtml": "nav", "cover.png": "cover-image"}.get(name, "")
    if name.endswith(".xhtml"):
        found += "".join(
            f" {kind}" for kind, mark in (("mathml", b"<math"), ("svg", b"<svg")) if mark in data
        )
    return f' properties="{found.strip()}"' if found else ""


def cover() -> bytes:
    """책꽂이에 보일 표지."""
    picture = Image.new("RGB", (1200, 1600), "#1f5d8c")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 1080, 1200, 1096), fill="#ffc857")
    words = about_book()["title"].split()
    middle = len(words) - 1
    for line, text in enumerate((" ".join(words[:middle]), " ".join(words[middle:]))):
        draw.text((600, 560 + 190 * line), text, "white", ImageFont.truetype(FONT, 130), anchor="mm")
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    return data.getvalue()
