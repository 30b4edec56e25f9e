"""데이터 목록이 쓰는 꼴. 목록의 항목은 `dlko.data.sets`에 데이터마다 한 파일씩 있습니다."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EMBEDDED_FOLDER = Path(__file__).parent / "embedded"

Part = tuple[Any, Any]  # (입력, 정답)
Data = tuple[Part, Part]  # (훈련 세트, 테스트 세트)


class DataError(RuntimeError):
    """데이터를 준비하지 못했습니다. 메시지에 까닭과 할 일이 적혀 있습니다."""


@dataclass(frozen=True)
class RemoteFile:
    """공식 파일 하나. 해시를 확인한 파일만 씁니다."""

    filename: str
    urls: tuple[str, ...]  # 앞에서부터 차례로 물어봅니다.
    size: int
    known_hash: str  # pooch가 쓰는 꼴: SHA-256, 또는 "md5:…"
    # gzip을 푼 내용의 SHA-256과 크기. 같은 내용을 다시 압축한 파일(데비안 패키지 등)도 알아봅니다.
    content_sha256: str = ""
    content_size: int = 0
    other_names: tuple[str, ...] = ()  # 같은 내용의 파일이 흔히 갖는 다른 이름(압축을 푼 것 등)

    def __post_init__(self) -> None:
        if not self.known_hash:
            raise ValueError(f"{self.filename}: 해시가 없는 파일은 목록에 넣을 수 없습니다.")


@dataclass(frozen=True)
class Embedded:
    """인터넷 없이 쓰는 데이터. `title`과 `note`는 출처를 알리는 줄에 그대로 나오므로 무엇인지 정직하게 적습니다."""

    title: str
    note: str
    source: str
    licence: str
    content_hash: str  # dlko.provenance.content_hash(x_train, y_train, x_test, y_test)
    load: Callable[[], Data]


@dataclass(frozen=True)
class DataSet:
    """데이터 하나.

    `read`는 파일 이름과 확인을 마친 경로의 표를 받아 `((x_train, y_train), (x_test, y_test))`를 돌려줍니다.
    """

    name: str
    title: str
    source: str
    licence: str
    citation: str
    homepage: str
    files: tuple[RemoteFile, ...]
    read: Callable[[Mapping[str, Path]], Data]
    embedded: Embedded | None = None  # None이면 인터넷 없이는 쓸 수 없습니다.
    content_hash: str = ""  # 공식 데이터의 해시. 여기서 구하지 못한 것은 비워 두고 불러올 때 구합니다.
    class_names: tuple[str, ...] = ()
    system_folders: tuple[str, ...] = ()  # 운영체제 패키지가 공식 파일을 두는 곳
    # 독자가 DLKO_DATA_DIR에 가져다 둔 파일의 이름들. 한 묶음이 모두 있으면 공식 데이터 대신 그것을 씁니다.
    brought: tuple[tuple[str, ...], ...] = ()
    counter: str = "장"
