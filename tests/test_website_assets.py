"""사이트 자산: npm 잠금 파일, 글꼴, 번역."""

import json
from pathlib import Path

import pytest

from website import assets
from website.site import fonts, katex, strings

ROOT = Path(__file__).resolve().parent.parent
WEBSITE = ROOT / "website"
BUILD = ROOT / "_build"


def test_lock_has_hashes_and_no_addresses():
    lock = json.loads((WEBSITE / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((WEBSITE / "package.json").read_text(encoding="utf-8"))
    packages = {name: info for name, info in lock["packages"].items() if name}
    assert all(info.get("integrity", "").startswith("sha512-") for info in packages.values())
    assert not any("resolved" in info for info in packages.values())
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert packages[f"node_modules/{name}"]["version"] == version


def test_math_is_drawn_and_mistakes_are_told():
    drawn = katex.draw(BUILD, r"y = \frac{\text{입력}}{2}", True)["html"]
    assert "katex-display" in drawn and "<math" in drawn and "입력" in drawn
    assert "error" in katex.draw(BUILD, r"\frac{1", False)


def test_only_woff2_is_kept():
    css = "@font-face{src:url(a.woff2) format('woff2'),url(a.woff) format('woff'),url(a.ttf)}b{c:d}"
    assert assets.keep_woff2_only(css) == "@font-face{src:url(a.woff2) format('woff2')}b{c:d}"


def test_npm_failure_is_a_clear_sentence(monkeypatch, tmp_path):
    class Failed:
        returncode, stdout, stderr = 1, "", "ENOTFOUND"

    monkeypatch.setattr(assets.subprocess, "run", lambda *args, **kwargs: Failed())
    with pytest.raises(assets.AssetError, match="인터넷 연결"):
        assets.prepare(tmp_path / "_build")


def test_characters_are_those_of_the_pages():
    found = fonts.used_characters(["가나다", "다\n\x07\ue000𝑥"])
    assert {"가", "나", "다", "A", "①", "𝑥"} <= set(found)
    assert "\n" not in found and "\ue000" not in found and "라" not in found
    assert found == "".join(sorted(set(found)))


def test_code_font_holds_only_what_is_in_code():
    page = "<p>본문</p><pre><span>코드</span> &lt;칸&gt;</pre><code class='x'>이름</code>"
    assert fonts.code_texts([page]) == ["코드 <칸>", "이름"]


def test_translations_replace_english():
    ours = strings.read_translation(WEBSITE / "theme" / "locale" / "ko" / "sphinx.po")
    assert ours.gettext("Link to this heading") == "이 절의 주소"
    assert ours.gettext("next page") == "다음 쪽"
