"""풍경 사진으로 동결과 미세 조정을 견줍니다. `DLKO_DATA_DIR` 폴더에 `scenes*.zip`이 있어야 합니다."""

CELLS = ("setup",)
PIECES = ("풍경",)


def measure(v, piece):
    from chapters.transfer.hub_flowers.study import record_of

    return record_of("scenes", "scenes*.zip")


def summarize(v, pieces):
    return dict(pieces["풍경"])
