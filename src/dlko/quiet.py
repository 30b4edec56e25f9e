"""TensorFlow를 조용히 불러옵니다."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silent_stderr() -> Iterator[None]:
    """C++ 라이브러리가 오류 스트림(파일 번호 2)에 직접 쓰는 글을 잠시 버립니다. 파이썬 예외는 그대로 나옵니다."""
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def import_tensorflow_in_notebook() -> None:
    """노트북 안이면 TensorFlow를 미리 불러옵니다.

    TensorFlow 2.21은 TF_CPP_MIN_LOG_LEVEL과 상관없이 불러올 때 안내 글을 씁니다. 처음 배우는 사람은
    빨간 글을 오류로 여기기 쉬우므로, 노트북에서는 그 글이 보이지 않게 합니다.
    """
    if "ipykernel" in sys.modules and "tensorflow" not in sys.modules:
        with silent_stderr():
            import tensorflow  # noqa: F401
