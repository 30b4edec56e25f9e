"""데이터 목록. 데이터를 더하려면 여기에 파일 하나를 더하고 아래 목록에 적습니다."""

from dlko.data.sets.digits import DIGITS
from dlko.data.sets.fashion import FASHION
from dlko.data.sets.flowers import FLOWERS
from dlko.data.sets.imdb import IMDB
from dlko.data.sets.reviews import REVIEWS
from dlko.data.sets.signs import SIGNS
from dlko.data.spec import DataSet

CATALOGUE: dict[str, DataSet] = {
    entry.name: entry for entry in (DIGITS, FASHION, REVIEWS, IMDB, FLOWERS, SIGNS)
}
