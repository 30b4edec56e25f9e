"""미리 재어 둔 기록(src/dlko/records): 누가 언제 무엇으로 쟀는지 모두 적혀 있고, 읽는 장이 있는지."""

import json

import pytest

from course.notebooks import chapters
from dlko.records import FOLDER

NAMES = sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.json"))
# scripts/records.py의 provenance가 적는 것들과 결과
NEEDED = {"device", "date", "versions", "command", "results"}


@pytest.mark.parametrize("name", NAMES)
def test_record_says_how_it_was_made(name: str) -> None:
    record = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    lacking = sorted(key for key in NEEDED if not record.get(key))
    assert not lacking, (
        f"{name}: 빠진 값이 있습니다. CONTRIBUTING의 표에 있는 명령으로 다시 기록하세요: {lacking}"
    )
    assert "data" in record or "batch" in record, f"{name}: 무엇으로 쟀는지(data나 batch)가 없습니다."
    if "data" in record:
        assert {"title", "sha256"} <= set(record["data"]), f"{name}: 데이터의 이름과 해시를 적으세요."


@pytest.mark.parametrize("name", NAMES)
def test_record_is_read_by_a_chapter(name: str) -> None:
    call = f'recorded("{name}")'
    readers = [c.name for c in chapters() if any(call in cell.source for cell in c.read().cells)]
    assert readers, f"{name}: 어느 장도 읽지 않는 기록입니다. src/dlko/records에서 지우세요."


def test_first_gan_record_shows_what_the_chapter_says() -> None:
    """첫 GAN 장의 글: 작은 출발점의 몫은 짧은 훈련에서도 뚜렷하고, 드롭아웃의 몫은 오래 훈련할 때 크다."""
    record = json.loads((FOLDER / "gan" / "first_gan.json").read_text(encoding="utf-8"))
    distance = {row["name"]: row["frechet"] for row in record["results"]}
    full, quick = distance["이 장의 방법, full"], distance["이 장의 방법, quick"]
    assert list(distance)[:2] == ["이 장의 방법, full", "full에서 드롭아웃을 뺌"]
    assert distance["full에서 드롭아웃을 뺌"] > 2 * full
    assert quick < distance["quick에서 드롭아웃을 뺌"] < distance["quick에서 작은 출발점을 뺌"]
    assert distance["quick에서 작은 출발점을 뺌"] > 1.15 * quick
    assert distance["흔히 쓰는 방법, 20에포크"] > quick
