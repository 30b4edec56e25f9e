"""테마와 Sphinx의 글귀를 한국어로 바꿉니다.

Sphinx가 아는 한국어 번역 앞에 theme/locale/ko/*.po를 끼워 넣습니다. 파일 이름이 번역 묶음의 이름입니다.
"""

import io
from gettext import GNUTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sphinx.application import Sphinx
from sphinx.locale import translators

from website.assets import WEBSITE

LOCALE = WEBSITE / "theme" / "locale" / "ko"


def read_translation(path: Path) -> GNUTranslations:
    """.po 파일을 메모리에서 곧바로 번역기로 만듭니다(.mo 파일을 남기지 않습니다)."""
    compiled = io.BytesIO()
    with path.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale="ko"))
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(app: Sphinx) -> None:
    for path in sorted(LOCALE.glob("*.po")):
        ours = read_translation(path)
        key = ("general", path.stem)
        if key in translators:
            ours.add_fallback(translators[key])
        translators[key] = ours
        if path.stem == "sphinx":
            app.translator = ours  # 틀(Jinja)이 쓰는 번역기
