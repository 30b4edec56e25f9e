"""데이터: 꼴(`spec`), 목록(`sets`), 찾고 받기(`fetch`), 가져온 파일(`own`), 불러오기(`load`).

    (x_train, y_train), (x_test, y_test) = load_data("fashion")

환경 변수:
    DLKO_DATA: `auto`(처음 값), `official`(공식 데이터가 아니면 오류), `embedded`(dlko에 들어 있는 데이터만).
    DLKO_DATA_DIR: `make data DIR=폴더`로 받아 둔 공식 파일이나, 직접 가져온 파일이 있는 폴더.
    DLKO_CACHE_DIR: 내려받은 파일을 두는 폴더.
    DLKO_NETWORK: `off`이면 내려받지 않습니다.
"""

from dlko.data.load import (
    CLASS_NAMES,
    SourceInfo,
    data_source,
    download_all,
    load_data,
    prefetch,
    resolve_all,
)
from dlko.data.photos import my_photos, open_photo
from dlko.data.prices import read_prices
from dlko.data.sets import CATALOGUE
from dlko.data.sets.reviews import review_kinds
from dlko.data.spec import DataError

__all__ = [
    "CATALOGUE",
    "CLASS_NAMES",
    "DataError",
    "SourceInfo",
    "data_source",
    "download_all",
    "load_data",
    "my_photos",
    "open_photo",
    "prefetch",
    "read_prices",
    "resolve_all",
    "review_kinds",
]
