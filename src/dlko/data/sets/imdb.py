"""IMDB 영어 영화평. Keras가 정수로 바꾼 파일을 글로 되돌립니다."""

import hashlib
import json
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlko.data.spec import Data, DataError, DataSet, Part, RemoteFile

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def read_imdb(paths: Mapping[str, Path]) -> Data:
    """영어 글과 정답. 문장 부호와 대문자는 이 파일을 만들 때 이미 사라졌습니다."""
    words = json.loads(paths["imdb_word_index.json"].read_text(encoding="utf-8"))
    word_of = {number: word for word, number in words.items()}

    def part(name: str) -> Part:
        sequences, labels = (_read_lists(paths["imdb.npz"], f"{kind}_{name}") for kind in "xy")
        # 이 파일은 부정 글이 먼저, 긍정 글이 나중입니다. 앞쪽만 쓸 때 치우치지 않도록 고정된 차례로 섞습니다.
        order = sorted(range(len(labels)), key=lambda row: hashlib.sha256(f"{name} {row}".encode()).digest())
        texts = [" ".join(word_of.get(number, "?") for number in sequences[row]) for row in order]
        return np.array(texts, dtype=object), np.array([int(labels[row]) for row in order], dtype=np.int64)

    return part("train"), part("test")


class _ListUnpickler(pickle.Unpickler):
    """숫자 목록의 배열만 되살립니다. 다른 것을 만들라는 파일은 거절하므로 코드가 실행되지 않습니다."""

    def find_class(self, module: str, name: str) -> object:
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return np.array([]).__reduce__()[0]
        raise DataError(f"숫자 목록이 아닌 것이 들어 있어서 읽지 않습니다: {module}.{name}")


def _read_lists(path: Path, name: str) -> np.ndarray:
    """npz에서 배열 하나를 읽습니다. 길이가 다른 목록들은 파이썬 객체로 저장되므로 따로 안전하게 읽습니다."""
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
        np.lib.format.read_magic(file)
        _, _, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.hasobject:
            return _ListUnpickler(file, encoding="latin1").load()
    with np.load(path, allow_pickle=False) as arrays:
        return arrays[name]


IMDB = DataSet(
    name="imdb",
    title="IMDB(영어 영화평)",
    source="Maas 외, Keras가 정수로 바꾼 파일",
    licence="연구용 공개 데이터(원저작권은 글쓴이)",
    citation='A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng, C. Potts, "Learning Word Vectors for '
    'Sentiment Analysis", ACL, 2011.',
    homepage="https://ai.stanford.edu/~amaas/data/sentiment/",
    files=(
        RemoteFile(
            "imdb.npz",
            (ADDRESS + "imdb.npz",),
            17_464_789,
            "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
        ),
        RemoteFile(
            "imdb_word_index.json",
            (ADDRESS + "imdb_word_index.json",),
            1_641_221,
            "md5:bfafd718b763782e994055a2d397834f",  # Keras가 알린 해시는 이것뿐입니다.
        ),
    ),
    read=read_imdb,
    class_names=("부정", "긍정"),
    counter="개",
)
