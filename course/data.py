"""인터넷이 없는 교실을 위해 공식 데이터를 미리 받는 명령."""

from pathlib import Path

from course.bootstrap import Stop


def download(folder: str = "") -> int:
    """`make data DIR=폴더`: 모든 공식 데이터를 받아 해시를 확인합니다. 이미 받은 것은 건너뜁니다."""
    if not folder:
        raise Stop("받을 폴더를 적어 주세요: make data DIR=폴더")
    from dlko import data

    complete = data.download_all(Path(folder).expanduser())
    return 0 if complete else 1
