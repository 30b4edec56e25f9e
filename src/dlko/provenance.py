"""데이터의 내용을 가리키는 해시 하나. 실행 보고서, 기록, 속도 비교가 모두 이 함수로 같은 데이터를 알아봅니다."""

import hashlib

import numpy as np


def content_hash(*arrays: np.ndarray) -> str:
    """배열에 든 값의 SHA-256(16진수 64자). 파일의 꼴이나 압축, 온 곳이 달라도 값이 같으면 같습니다.

    데이터에는 늘 `x_train, y_train, x_test, y_test`의 차례로 씁니다. 배열의 바이트를 C 차례, 리틀 엔디언으로 이어
    붙이며 모양과 자료형은 넣지 않습니다.

    Args:
        arrays: 숫자 배열은 값의 바이트를, 글 배열(`object`나 `str`)은 글을 `"\\n"`으로 이은 UTF-8을 씁니다.
    """
    digest = hashlib.sha256()
    for array in arrays:
        if array.dtype.kind in "OU":
            digest.update("\n".join(map(str, array.ravel())).encode())
        else:
            little = array.astype(array.dtype.newbyteorder("<"), copy=False)
            digest.update(np.ascontiguousarray(little).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
