"""대한민국헌법의 글(src/dlko/data/embedded/constitution.tsv)을 만듭니다.

    pip download --no-deps konlpy==0.6.0
    python scripts/make_constitution.py konlpy-0.6.0-py2.py3-none-any.whl

글은 PyPI의 konlpy에 든 말뭉치에서 꺼냅니다. 그 패키지의 코드는 쓰지 않습니다. 헌법은 저작권법 제7조에 따라 저작권의 보호를
받지 않습니다. 장과 절의 제목, 항의 번호를 빼고 항마다 한 줄로 적습니다. 열은 '조'와 '글'입니다.
"""

import argparse
import hashlib
import re
from pathlib import Path
from zipfile import ZipFile

from dlko.data.constitution import TABLE

INSIDE = "konlpy/data/corpus/kolaw/constitution.txt"
SHA256 = "69377a88c0e577b37b1373f4496147e995209d5139a993633a8a2776bc0e2ca8"
ARTICLE = re.compile(r"제\d+조\s*")
CLAUSE = re.compile(r"[①-⑮]\s*")
HEADING = re.compile(r"제\d+[장절]\s|대한민국헌법$")


def clauses(text: str) -> list[tuple[str, str]]:
    """(조, 항의 글)의 목록. 전문은 한 항으로 봅니다."""
    found, article, prefix = [], "전문", ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if "부칙" in line:
            prefix = "부칙 "
            continue
        if HEADING.match(line):
            continue
        if match := ARTICLE.match(line):
            article, line = prefix + match[0].strip(), line[match.end() :]
            found.append((article, ""))
        elif CLAUSE.match(line) or not found:
            found.append((article, ""))
        found[-1] = (article, f"{found[-1][1]} {CLAUSE.sub('', line)}".strip())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="대한민국헌법의 글 만들기")
    parser.add_argument("wheel", type=Path, help="konlpy 0.6.0의 바퀴 파일")
    with ZipFile(parser.parse_args().wheel) as archive:
        content = archive.read(INSIDE)
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{INSIDE}: 알던 글과 다릅니다. konlpy 0.6.0인지 확인하세요.")
    rows = clauses(content.decode("utf-8"))
    TABLE.write_text(
        "".join(f"{article}\t{text}\n" for article, text in rows), encoding="utf-8", newline="\n"
    )
    print(f"{TABLE}: {len({article for article, _ in rows})}조, {len(rows)}항")


if __name__ == "__main__":
    main()
