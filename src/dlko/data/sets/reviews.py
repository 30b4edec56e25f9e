"""한국어 영화평: NSMC, 또는 scripts/make_reviews.py가 지어낸 글."""

import lzma
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from dlko.data.own import read_reviews
from dlko.data.spec import EMBEDDED_FOLDER, Data, DataSet, Embedded, Part, RemoteFile

TABLE = EMBEDDED_FOLDER / "reviews.tsv.xz"
ADDRESSES = tuple(
    f"https://raw.githubusercontent.com/e9t/nsmc/{version}/"
    for version in ("eafdd77e310f399a4d0083a58ade40b55a5a308d", "master")
)


@cache
def _table() -> list[list[str]]:
    """지어낸 영화평의 줄들: part(train이나 test), kind, label, document."""
    lines = lzma.decompress(TABLE.read_bytes()).decode().split("\n")
    return [line.split("\t") for line in lines[1:-1]]


def load_made_up() -> Data:
    """지어낸 영화평. 글은 `(개수,)` object, 정답은 `(개수,)` int64입니다."""

    def part(name: str) -> Part:
        rows = [(document, int(label)) for where, _, label, document in _table() if where == name]
        texts, labels = zip(*rows, strict=True)
        return np.array(texts, dtype=object), np.array(labels, dtype=np.int64)

    return part("train"), part("test")


def review_kinds(texts: Iterable[str]) -> np.ndarray:
    """영화평마다 어떤 글인지 이름을 붙입니다.

    지어낸 테스트 세트의 글이면 그 글을 만든 틀의 종류(단순, 부정, 앞뒤 등)이고, 다른 글이면 길이입니다.
    """
    known = {document: kind for part, kind, _, document in _table() if part == "test"}

    def length(text: str) -> str:
        return next((f"{limit}자까지" for limit in (20, 40, 80, 140) if len(text) <= limit), "140자 넘음")

    return np.array([known.get(text) or length(text) for text in texts])


def read_nsmc(paths: Mapping[str, Path]) -> Data:
    """NSMC 공식 파일 두 개를 읽습니다."""
    return read_reviews(paths["ratings_train.txt"]), read_reviews(paths["ratings_test.txt"])


def _file(name: str, size: int, sha256: str) -> RemoteFile:
    return RemoteFile(name, tuple(address + name for address in ADDRESSES), size, sha256)


REVIEWS = DataSet(
    name="reviews",
    title="NSMC(네이버 영화평)",
    source="Lucy Park",
    licence="CC0 1.0",
    citation='L. Park, "Naver sentiment movie corpus v1.0", 2016.',
    homepage="https://github.com/e9t/nsmc",
    files=(
        _file(
            "ratings_train.txt",
            14_628_807,
            "e03b7d14e9e41be8d464a28057cd25d7396c53e67aa7fd5f7e552c59b0ee2940",
        ),
        _file(
            "ratings_test.txt", 4_893_335, "8ac9f64052f11dbf6ae0acb5e038f03d90a76f0eda7820cfb3a92d02edfcebda"
        ),
    ),
    read=read_nsmc,
    embedded=Embedded(
        title="지어낸 한국어 영화평",
        note="이 강의를 위해 프로그램이 지어낸 글입니다. 실제 관람객이 쓴 영화평이 아닙니다.",
        source="이 강의",
        licence="MIT",
        content_hash="b63aa3e674d97ad1d39deed3a8aab8ec6d83ccab5de720ccc99a9fb6481c459d",
        load=load_made_up,
    ),
    class_names=("부정", "긍정"),
    brought=(
        ("reviews/*reviews_train.[ct]sv*", "reviews/*reviews_test.[ct]sv*"),
        ("*reviews_train.[ct]sv*", "*reviews_test.[ct]sv*"),
    ),
    counter="개",
)
