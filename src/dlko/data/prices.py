"""독자가 가져온 주가표: 증권사와 거래소, 엑셀, yfinance가 저장한 CSV에서 날짜와 종가를 읽습니다.

날짜는 열 전체를 한 가지 꼴로 읽습니다. 줄마다 어림잡으면 날이 조용히 뒤섞입니다. 꼴을 정할 수 없으면 멈춥니다.
"""

import io
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

from dlko.data.fetch import as_path, say
from dlko.data.spec import DataError
from dlko.data.tables import read_text, strip_invisible

LEAST_DAYS = 60  # 이보다 짧으면 나누어 배우고 재기에 모자랍니다.

# 열의 이름. 글자와 숫자만 남기고 소문자로 바꾸어 견줍니다. 앞의 것을 먼저 씁니다.
DATE_NAMES = ("date", "날짜", "일자", "거래일", "거래일자", "기준일", "기준일자", "매매일자", "일시", "datetime",
              "timestamp", "tradedate", "tradingdate", "time")  # fmt: skip
CLOSE_NAMES = ("close", "종가", "closelast", "closeprice", "closingprice", "현재가", "price", "last", "lastprice",
               "adjclose", "adjustedclose", "수정종가", "수정주가")  # fmt: skip
MISSING = {"", "-", "--", "null", "nan", "na", "n/a", "#n/a", "none", "nil"}

WEEKDAY = re.compile(r"\(?[월화수목금토일]요일\)?|\([월화수목금토일]\)|^[a-z]{3,9}day,?\s+|^(?:mon|tue|wed|thu|fri|sat|sun),?\s+", re.I)  # fmt: skip
DAY = re.compile(
    r"(\d{1,4}\s*[-/.년]\s*\d{1,2}\s*[-/.월]\s*\d{1,4}\s*[일.]?"  # 2021-01-04, 2021. 1. 4., 2021년 1월 4일
    r"|[a-z]{3,9}\.?\s*\d{1,2}\s*,?\s*\d{4}|\d{1,4}[-/\s]+[a-z]{3,9}\.?[-/\s,]+\d{1,4}"  # Jan 4, 2021, 4-Jan-2021
    r"|\d{8}|\d{6}|\d{5})(?:\.0)?(?P<time>[T\s].*\d:\d\d.*)?",
    re.I,
)
FORMATS = ("%Y-%m-%d", "%Y%m%d", "%m-%d-%Y", "%d-%m-%Y", "%b-%d-%Y", "%d-%b-%Y", "%Y-%b-%d", "%y-%m-%d",
           "%m-%d-%y", "%d-%m-%y", "%d-%b-%y", "%y%m%d", "excel")  # fmt: skip
WRITE_DATES = "모든 줄의 날짜를 2021-01-04처럼 적어 주세요."
NUMBER = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.\d+)?([eE][+-]?\d+)?")


def read_prices(path: str | Path, least: int = LEAST_DAYS) -> tuple[np.ndarray, np.ndarray]:
    """날짜와 종가가 든 표(CSV)를 읽습니다. 고치거나 뺀 것은 몇 개인지 한 줄로 알립니다.

    날짜의 열은 date나 날짜, 종가의 열은 close나 종가라는 이름이면 됩니다. 하루에 한 줄입니다.

    Args:
        path: 표의 위치.
        least: 있어야 할 날의 수.

    Returns:
        날짜 `(날수,)` datetime64[D](오래된 날부터)와 종가 `(날수,)` float64.

    Raises:
        DataError: 표나 열이 없거나, 날짜의 꼴을 정할 수 없거나, 수가 아니거나 0 이하인 종가가 있거나, 하루에 값이 여럿이거나,
            날이 모자랄 때.
    """
    import pandas as pd  # 불러오는 데 오래 걸려 필요할 때 불러옵니다.

    path = as_path(path)
    name = path.name
    cells, head, date_column, close_column = _columns(name, _split(read_text(path)))
    body = cells.iloc[head + 1 :]
    body = body[(body != "").any(axis=1)]
    _require_width(name, body, int(np.flatnonzero(cells.iloc[: head + 1].ne("").any())[-1]) + 1)
    days, prices = body[date_column], body[close_column]
    empty = prices.str.lower().isin(MISSING)
    if empty.any():
        say(f"데이터 알림: {name}에서 종가가 비어 있는 {empty.sum():,}줄을 뺐습니다.")
    days, prices = days[~empty], prices[~empty]
    if len(prices) < 2:
        raise DataError(f"{name}: 값이 든 줄이 {len(prices)}개뿐입니다. 날짜와 종가의 표인지 확인해 주세요.")
    table = pd.DataFrame({"date": _dates(name, days), "close": _numbers(name, prices)})
    table = _in_order(name, _one_a_day(name, table))
    if len(table) < least:
        raise DataError(f"{name}: {len(table)}일 치뿐입니다. 적어도 {least}일이 있어야 합니다.")
    if table["close"].nunique() == 1:
        raise DataError(
            f"{name}: 종가가 모두 {table['close'].iloc[0]:g}입니다. 종가의 열이 맞는지 확인해 주세요."
        )
    jumps = np.abs(np.diff(np.log(table["close"]))) > np.log(2)
    if jumps.any():
        when = table["date"].iloc[jumps.argmax() + 1].date()
        say(
            f"데이터 알림: {name}의 값이 하루에 두 배 넘게 변한 날이 {jumps.sum()}번 있습니다(처음은 {when}). "
            "액면 분할이 있었으면 수정 주가로 바꾸어 주세요."
        )
    return table["date"].to_numpy().astype("datetime64[D]"), table["close"].to_numpy()


# --- 줄과 열 -----------------------------------------------------------------------------------------------------


def _split(text: str) -> Any:
    """글을 칸으로 나눈 표. 번호는 파일의 줄 번호이고, 칸은 앞뒤의 빈칸을 뗀 글입니다."""
    import pandas as pd

    lines = text.splitlines()
    sample = max(lines[:30], key=lambda line: max(map(line.count, "\t;,|")), default="")
    separator = max(",\t;|", key=sample.count)
    width = max((line.count(separator) for line in lines), default=0) + 1
    try:
        cells = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=range(width),
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            skipinitialspace=True,
        )
    except ValueError:  # 빈 파일과 닫히지 않은 따옴표
        cells = pd.DataFrame(columns=range(width), dtype=str)
    cells.index = cells.index + 1
    return cells.fillna("").map(lambda cell: strip_invisible(unicodedata.normalize("NFKC", cell)))


def _columns(name: str, cells: Any) -> tuple[Any, int, int, int]:
    """(표, 열 이름이 있는 줄의 자리, 날짜의 열, 종가의 열). yfinance는 열 이름을 여러 줄에 나누어 적습니다."""
    names = cells.head(30).map(_plain)
    head = next((i for i, row in enumerate(names.to_numpy()) if set(row) & set(DATE_NAMES)), None)
    if head is None:  # 날짜의 열에 이름이 없는 표(pandas의 색인)
        titled = bool(len(cells)) and cells.iat[0, 0] == "" and (cells.iloc[0] != "").any()
        if not titled:
            first = ", ".join(cells.iloc[0][cells.iloc[0] != ""]) if len(cells) else ""
            raise DataError(
                f"{name}: 날짜의 열을 찾지 못했습니다. 첫 줄에 열 이름 date와 close를 적어 주세요. 지금 첫 줄: {first}"
            )
        head, date_column = 0, 0
    else:
        row = names.iloc[head].tolist()
        date_column = next(row.index(known) for known in DATE_NAMES if known in row)
    whole = bool(set(names.iloc[head]) & set(CLOSE_NAMES))  # 열 이름이 모두 한 줄에 있는지
    above = names.iloc[head if whole else 0 : head + 1]
    for known in CLOSE_NAMES:
        found = [column for column in cells if column != date_column and known in set(above[column])]
        if len(found) > 1:
            titles = ", ".join(" ".join(filter(None, cells[c].iloc[: head + 1])) for c in found)
            raise DataError(
                f"{name}: 종가의 열이 여럿입니다({titles}). 종목 하나의 날짜와 종가만 남겨 주세요."
            )
        if found:
            return cells, head, date_column, found[0]
    others = [column for column in cells if column != date_column and (cells[column] != "").any()]
    if len(others) == 1:
        title = cells[others[0]].iloc[head] or "이름 없음"
        say(f"데이터 알림: {name}에 close라는 열이 없어, 하나뿐인 열 {title!r}을(를) 종가로 읽었습니다.")
        return cells, head, date_column, others[0]
    titles = ", ".join(filter(None, cells.iloc[head]))
    raise DataError(
        f"{name}: 종가의 열을 찾지 못했습니다. 종가의 열 이름을 close로 고쳐 주세요. 지금 열: {titles}"
    )


def _plain(title: str) -> str:
    """열 이름에서 괄호 속의 단위와 기호를 뗀 것: `종가(원)` → `종가`, `Adj. Close**` → `adjclose`."""
    return re.sub(r"[\W_]", "", re.sub(r"[(\[].*", "", title)).lower()


def _require_width(name: str, body: Any, width: int) -> None:
    """열 이름보다 칸이 많은 줄을 거절합니다. 따옴표 없이 61,100이라고 적으면 61만 읽게 됩니다."""
    wide = body.loc[:, width:].ne("").any(axis=1)
    if wide.any():
        line = wide.idxmax()
        count = int(np.flatnonzero(body.loc[line] != "")[-1]) + 1
        raise DataError(
            f"{name} {line}째 줄: 칸이 {width}개가 아니라 {count}개입니다. 61,100처럼 쉼표가 든 수는 쉼표를 빼거나 따옴표로 "
            "싸 주세요."
        )


# --- 종가 --------------------------------------------------------------------------------------------------------


def _numbers(name: str, texts: Any) -> Any:
    """`"61,100"`, `₩61,100원`, `$122.20`을 수로. 읽을 수 없거나 0 이하인 값은 줄 번호를 알리고 거절합니다."""
    bare = texts.str.replace(r"^(?:KRW|USD|US|[₩\\$€¥£])+\s*|\s*(?:원|달러|KRW|USD)$", "", regex=True)
    for line, text in bare.items():
        if not NUMBER.fullmatch(text):
            raise DataError(
                f"{name} {line}째 줄: 종가 {texts[line]!r}을(를) 0보다 큰 수로 읽을 수 없습니다. 61100이나 122.2처럼 적어 주세요."
            )
    numbers = bare.str.replace(",", "").astype("float64")
    wrong = ~(np.isfinite(numbers) & (numbers > 0))
    if wrong.any():
        line = wrong.idxmax()
        raise DataError(
            f"{name} {line}째 줄: 종가가 {texts[line]}입니다. 종가는 0보다 커야 합니다. 고치거나 그 줄을 지워 주세요."
        )
    return numbers


# --- 날짜 --------------------------------------------------------------------------------------------------------


def _dates(name: str, texts: Any) -> Any:
    """열 전체를 읽을 수 있고 하루씩 이어지는 단 하나의 꼴로 날짜를 읽습니다."""
    import pandas as pd

    matches = texts.map(lambda text: DAY.fullmatch(strip_invisible(WEEKDAY.sub("", text))))
    tokens = matches.map(lambda match: _tokens(match[1]) if match else "")
    read = {form: _parse(tokens, form) for form in FORMATS}
    whole = {form: dates for form, dates in read.items() if dates.notna().all()}
    problems = {form: _calendar_problem(dates) for form, dates in whole.items()}
    good = [form for form, problem in problems.items() if not problem]
    if len(good) == 1:
        dates = whole[good[0]]
        if good[0] == "excel":
            say(
                f"데이터 알림: {name}의 날짜가 엑셀의 일련번호라서 날짜로 바꾸었습니다(첫 줄은 {dates.iloc[0].date()})."
            )
        _require_local_days(name, matches, dates)
        return dates
    if good:
        guesses = ", ".join(str(whole[form].iloc[0].date()) for form in good)
        raise DataError(
            f"{name}: 날짜 {texts.iloc[0]!r}이(가) 어느 날인지 정할 수 없습니다({guesses}). {WRITE_DATES}"
        )
    if whole:
        raise DataError(f"{name}: {next(iter(problems.values()))}")
    best = max(read.values(), key=lambda dates: dates.notna().sum())
    line = pd.isna(best).idxmax()
    raise DataError(
        f"{name} {line}째 줄: 날짜 {texts[line]!r}을(를) 다른 줄과 같은 꼴로 읽을 수 없습니다. {WRITE_DATES}"
    )


def _tokens(day: str) -> str:
    """`2021년 1월 4일` → `2021-01-04`, `Jan 4, 2021` → `Jan-04-2021`."""
    parts = re.findall(r"[a-z]+|\d+", day, re.I)
    return "-".join(p.zfill(2) if p.isdigit() else p[:3].title() for p in parts)


def _parse(tokens: Any, form: str) -> Any:
    import pandas as pd

    if form == "excel":
        serial = tokens.where(tokens.str.fullmatch(r"\d{5}"))
        return pd.to_datetime(pd.to_numeric(serial), unit="D", origin="1899-12-30")
    return pd.to_datetime(tokens, format=form, errors="coerce")


def _calendar_problem(dates: Any) -> str:
    """날짜를 잘못 읽은 흔적. 없으면 빈 글입니다. 시장은 거의 날마다 열리고, 주말에 쉬거나 한 번도 쉬지 않습니다."""
    import pandas as pd

    days = dates.drop_duplicates().sort_values()
    if days.iloc[-1] > pd.Timestamp.now() + pd.Timedelta(days=1):
        return f"아직 오지 않은 날짜({days.iloc[-1].date()})가 있습니다. {WRITE_DATES}"
    gaps = days.diff().dt.days.dropna()
    if len(gaps) and gaps.median() > 1:
        return f"하루마다 적은 표가 아닙니다. 날짜의 간격이 보통 {gaps.median():.0f}일입니다. 날마다의 종가를 가져오세요."
    if (gaps > 15).mean() > 0.03:
        return f"빈 곳이 너무 많습니다. 보름 넘게 빈 곳이 {(gaps > 15).sum():,}군데입니다. {WRITE_DATES}"
    shares = days.dt.day_of_week.value_counts(normalize=True)
    if (shares > 0.02).sum() == 7 and (gaps == 1).mean() < 0.9:
        return f"요일이 고르지 않습니다. 날짜를 잘못 읽었거나 빠진 날이 많습니다. {WRITE_DATES}"
    return ""


def _require_local_days(name: str, matches: Any, dates: Any) -> None:
    """세계 표준시로 적어 하루 앞선 날짜를 거절합니다. 한국의 월요일 0시는 세계 표준시로 일요일 15시입니다."""
    times = matches.map(lambda match: (match["time"] or "").strip(" T"))
    utc = times.str.contains(r"(?:\+00:?00|Z|UTC)$", regex=True)
    if utc.all() and set(dates.dt.day_of_week) == {6, 0, 1, 2, 3}:
        raise DataError(
            f"{name}: 시각이 세계 표준시(UTC)라서 날짜가 하루씩 앞섭니다. 현지의 날짜로 바꾸어 저장해 주세요."
        )


def _one_a_day(name: str, table: Any) -> Any:
    """같은 줄이 거듭되면 하나만 남깁니다. 같은 날에 값이 다르면 어느 것이 맞는지 알 수 없습니다."""
    repeated = table.duplicated()
    if repeated.any():
        when = table["date"][repeated].iloc[0].date()
        say(
            f"데이터 알림: {name}에서 날짜와 종가가 똑같이 되풀이된 {repeated.sum():,}줄을 뺐습니다(처음은 {when})."
        )
    table = table[~repeated]
    clash = table["date"].duplicated(keep=False)
    if clash.any():
        first = table[table["date"] == table["date"][clash].iloc[0]]
        lines = ", ".join(f"{line}째 줄 {price:g}" for line, price in first["close"].iloc[:3].items())
        raise DataError(
            f"{name}: {first['date'].iloc[0].date()}의 종가가 여럿입니다({lines}). 종목 하나, 하루 한 줄만 남겨 주세요."
        )
    return table


def _in_order(name: str, table: Any) -> Any:
    """오래된 날부터 늘어놓습니다. 홀로 동떨어진 날짜는 잘못 적은 것으로 봅니다."""
    dates, ordered = table["date"], table.sort_values("date")
    gaps = ordered["date"].diff().dt.days
    if not dates.is_monotonic_increasing:
        backwards = dates.is_monotonic_decreasing
        alone = gaps.fillna(999).gt(30) & gaps.shift(-1).fillna(999).gt(30)
        if alone.any():
            line = alone.idxmax()
            raise DataError(
                f"{name} {line}째 줄: 날짜 {dates[line].date()}이(가) 다른 날짜와 동떨어져 있습니다. 잘못 적었는지 보세요."
            )
        before = "최근 날부터 적혀 있어" if backwards else "날짜가 차례대로 적혀 있지 않아"
        say(f"데이터 알림: {name}은(는) {before} 오래된 날부터 다시 늘어놓았습니다.")
    if gaps.max() > 30:
        after = ordered["date"][gaps.idxmax()].date()
        say(
            f"데이터 알림: {name}에 {gaps.max():.0f}일 동안 빈 곳이 있습니다({after} 앞). 빠진 날이 없는지 보세요."
        )
    return ordered
