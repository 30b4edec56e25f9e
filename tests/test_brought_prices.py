"""독자가 가져온 주가표. 읽거나, 무엇을 고쳤는지 한 줄로 알리거나, 어느 줄이 왜 안 되는지 한 문장으로 멈춥니다."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dlko.data.prices import read_prices
from dlko.data.spec import DataError

DAYS = pd.bdate_range("2021-01-04", periods=80)
PRICES = np.round(60_000 + 500 * np.sin(np.arange(80)), -2)
CALM = [("2021-01-04", 59300), ("2021-01-05", 58100)]


def table(head: str = "date,close", row: str = "{d:%Y-%m-%d},{p:.0f}", days=DAYS, end: str = "") -> str:
    """날마다 한 줄인 표. `row`에 날짜 d와 종가 p를 넣습니다."""
    lines = [row.format(d=day, p=price) for day, price in zip(days, PRICES, strict=True)]
    return "\n".join([head, *lines, end])


def korean(row: str) -> str:
    """`{d.month}`처럼 0을 붙이지 않는 날짜의 표."""
    return table(row=row)


def save(folder: Path, content: str | bytes) -> Path:
    path = folder / "내 주가.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


READABLE = {
    "plain": (table(), ""),
    "capitals": (table("Date,Close"), ""),
    "krx": (table("일자,종가,대비,등락률", "{d:%Y/%m/%d},{p:.0f},-100,-0.17").encode("cp949"), "CP949"),
    "krx quoted, crlf": (
        table('"일자","종가"', '"{d:%Y/%m/%d}","{p:.0f}"').replace("\n", "\r\n").encode("cp949"),
        "CP949",
    ),
    "utf-16 from Excel": (table("날짜\t종가", "{d:%Y-%m-%d}\t{p:.0f}").encode("utf-16"), "UTF-16"),
    "utf-16 without mark": (table().encode("utf-16-le"), "UTF-16"),
    "byte order mark": (("\ufeff" + table()).encode(), ""),
    "investing.com": (
        table('"날짜","종가","시가","변동 %"', '"{d:%Y- %m- %d}","{p:,.0f}","{p:,.0f}","-0.41%"'),
        "",
    ),
    "investing.com in English": (
        table('"Date","Price","Open","Change %"', '"{d:%m/%d/%Y}","{p:,.2f}","1.0","0.1%"'),
        "",
    ),
    "day first": (table("Date,Close", "{d:%d/%m/%Y},{p}"), ""),
    "month names": (table("Date,Close", '"{d:%b %d, %Y}",{p}'), ""),
    "Nasdaq": (table("Date,Close/Last,Volume", "{d:%m/%d/%Y},${p},100"), ""),
    "day-month-year": (table("Date,Close", "{d:%d-%b-%Y},{p}"), ""),
    "short years": (table(row="{d:%y.%m.%d},{p}"), ""),
    "compact": (table(row="{d:%Y%m%d},{p}"), ""),
    "compact from pandas": (table(row="{d:%Y%m%d}.0,{p}"), ""),
    "Korean words": (korean("{d.year}년 {d.month}월 {d.day}일,{p}"), ""),
    "Korean Excel": (korean("{d.year}. {d.month}. {d.day}.,{p}"), ""),
    "weekday in brackets": (table(row="{d:%Y-%m-%d}(월),{p}"), ""),
    "weekday in English": (table(row='"{d:%A, %B %d, %Y}",{p}'), ""),
    "won sign": (table(row='{d:%Y-%m-%d},"₩{p:,.0f}"'), ""),
    "won and backslash": (table(row='{d:%Y-%m-%d},"\\{p:,.0f}원"'), ""),
    "full-width digits": (table(row="{d:%Y-%m-%d},{p:.0f}").translate({48 + i: 0xFF10 + i for i in range(10)}), ""),
    "unit in the title": (table("날짜,종가(원)"), ""),
    "time of day": (table(row="{d:%Y-%m-%d} 15:30:00,{p}"), ""),
    "Korean time of day": (table(row="{d:%Y-%m-%d} 오후 3:30:00,{p}"), ""),
    "time zone": (table(row="{d:%Y-%m-%d} 00:00:00-05:00,{p}"), ""),
    "ISO with zone": (table(row="{d:%Y-%m-%d}T00:00:00+09:00,{p}"), ""),
    "yfinance": (
        table("Price,Close,High\nTicker,AAPL,AAPL\nDate,,", "{d:%Y-%m-%d},{p},1.0"),
        "",
    ),
    "yfinance by ticker": (
        table("Ticker,AAPL,AAPL\nPrice,Open,Close\nDate,,", "{d:%Y-%m-%d},1.0,{p}"),
        "",
    ),
    "title above": (table("삼성전자(005930) 일별 시세,\n,\n날짜,종가"), ""),
    "index without a name": (table(",Close"), ""),
    "one unknown column": (table("Date,AAPL"), "'AAPL'"),
    "pandas index": (table(",Date,Close", "7,{d:%Y-%m-%d},{p}"), ""),
    "semicolons": (table("date;close", "{d:%Y-%m-%d};{p}"), ""),
    "tabs": (table("date\tclose", "{d:%Y-%m-%d}\t{p}"), ""),
    "Excel serial dates": (
        "\n".join(["date,close", *(f"{(d - pd.Timestamp('1899-12-30')).days},{p}" for d, p in zip(DAYS, PRICES, strict=True))]),
        "일련번호",
    ),
    "close before adjusted": (table("Date,Adj Close,Close", "{d:%Y-%m-%d},1.0,{p}"), ""),
    "newest first": ("\n".join(["date,close", *reversed(table().split("\n")[1:])]), "최근 날부터"),
    "blank and empty rows": (table(end="\n,\n"), ""),
    "null": (table(end="2021-04-26,null\n2021-04-27,-\n2021-04-28,\n2021-04-29,N/A"), "비어 있는 4줄을 뺐"),
    "doubled": (table() + "\n".join(table().split("\n")[3:6]), "되풀이된 3줄을 뺐"),
    "two parts": ("\n".join(["date,close", *table().split("\n")[41:-1], *table().split("\n")[1:41]]), "차례대로 적혀 있지"),
}  # fmt: skip


@pytest.mark.parametrize("name", READABLE)
def test_tables_that_are_read(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, said = READABLE[name]
    dates, prices = read_prices(save(tmp_path, content))
    assert dates.dtype == "datetime64[D]" and np.array_equal(dates, DAYS.to_numpy().astype("datetime64[D]"))
    assert prices.dtype == np.float64 and np.array_equal(prices, PRICES)
    out = capsys.readouterr().out
    assert said in out and bool(said) == bool(out) and (not out or "내 주가.csv" in out)


REFUSED = {
    "mixed order of day and month": (
        table(row="{d:%Y-%m-%d},{p}").replace("2021-01-20", "20/01/2021"),
        "14째 줄: 날짜 '20/01/2021'",
    ),
    "impossible day": (table().replace("2021-01-20", "2021-02-30"), "14째 줄: 날짜 '2021-02-30'"),
    "no date": (table().replace("2021-01-20", ""), "14째 줄: 날짜 ''"),
    "summary row": (table(end="합계,4770000"), "82째 줄: 날짜 '합계'"),
    "future": (table().replace("2021-", "2091-"), "아직 오지 않은 날짜"),
    "year typed wrongly": (table().replace("2021-01-20", "2012-01-20"), "14째 줄: 날짜 2012-01-20"),
    "weekly": (table(days=pd.date_range("2020-01-06", periods=80, freq="7D")), "보통 7일"),
    "monthly, day or month first": (
        table(row="{d:%d/%m/%Y},{p}", days=pd.date_range("2015-01-01", periods=80, freq="MS")),
        "빈 곳이 너무 많습니다",
    ),
    "world time": (
        table(row="{d:%Y-%m-%d} 15:00:00+00:00,{p}", days=DAYS - pd.Timedelta(days=1)),
        "세계 표준시",
    ),
    "five minutes": (table(row="2021-01-04 09:{d:%d},{p}"), "날짜|종가가 여럿"),
    "two prices a day": (table(end="2021-01-05,9"), "2021-01-05의 종가가 여럿.*3째 줄.*82째 줄"),
    "two tickers": (table("Date,Close,Close", "{d:%Y-%m-%d},{p},1.0"), "종가의 열이 여럿"),
    "yfinance, two tickers": (
        table("Price,Close,Close\nTicker,AAPL,MSFT\nDate,,", "{d:%Y-%m-%d},{p},1.0"),
        "Close AAPL, Close MSFT",
    ),
    "no column for the price": (table("Date,Open,High", "{d:%Y-%m-%d},1,2"), "지금 열: Date, Open, High"),
    "no column for the date": (table("when,close"), "지금 첫 줄: when, close"),
    "no titles": ("\n".join(table().split("\n")[1:]), "첫 줄에 열 이름 date와 close"),
    "a word as a price": (table().replace("2021-01-20,", "2021-01-20,약"), "14째 줄: 종가 '약"),
    "zero": (table().replace(table().split("\n")[4], "2021-01-07,0"), "5째 줄: 종가가 0"),
    "negative": (table().replace("2021-01-07,", "2021-01-07,-"), "5째 줄: 종가 '-"),
    "comma without quotes": (table(row="{d:%Y-%m-%d},{p:,.0f}"), "2째 줄: 칸이 2개가 아니라 3개"),
    "European numbers": (table("date;close", "{d:%Y-%m-%d};59300,50"), "2째 줄: 종가 '59300,50'"),
    "thousands in odd places": (table(row='{d:%Y-%m-%d},"59,30"'), "2째 줄: 종가 '59,30'"),
    "short": ("\n".join(table().split("\n")[:41]), "40일 치뿐입니다. 적어도 60일"),
    "one row": ("date,close\n2021-01-04,1\n", "1개뿐"),
    "empty": ("", "날짜의 열을 찾지 못"),
    "Excel file": (b"PK\x03\x04" + bytes(100), "CSV UTF-8"),
    "old Excel file": (b"\xd0\xcf\x11\xe0\xa1\xb1" + bytes(100), "CSV UTF-8"),
    "broken UTF-8": (table("날짜,종가", "{d:%Y-%m-%d},{p}원").encode()[:-3] + b"\xec\n", "UTF-8이 아닌 첫 글자는 81째 줄"),
    "picture": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\xff\xfe\xff\xfe", "글자를 알아볼 수 없습니다|날짜의 열을"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_tables_that_are_refused(name: str, tmp_path: Path) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(DataError, match=rf"내 주가\.csv.*(?:{reason})"):
        read_prices(save(tmp_path, content))


def test_day_and_month_that_cannot_be_told_apart(tmp_path: Path) -> None:
    """날마다 적은 표인데 어느 쪽으로 읽어도 되는 일은 드뭅니다. 그때는 어림잡지 않고 묻습니다."""
    days = pd.to_datetime(["2021-05-05", "2021-06-06"])
    rows = "\n".join(f"{day:%d/%m/%Y},1" for day in days)
    with pytest.raises(DataError, match=r"정할 수 없습니다|하루마다"):
        read_prices(save(tmp_path, f"date,close\n{rows}\n"), least=2)


def test_coins_that_are_traded_every_day(tmp_path: Path, capsys) -> None:
    days = pd.date_range("2021-01-04", periods=80)
    dates, _ = read_prices(save(tmp_path, table(row="{d:%d/%m/%Y},{p}", days=days)))
    assert dates[-1] == np.datetime64("2021-03-24") and not capsys.readouterr().out


def test_a_split_and_a_long_halt_are_said(tmp_path: Path, capsys) -> None:
    days = DAYS[:40].append(DAYS[40:] + pd.Timedelta(days=70))
    lines = table(days=days).split("\n")
    lines[60] = lines[60].split(",")[0] + ",1200"
    read_prices(save(tmp_path, "\n".join(lines)))
    out = capsys.readouterr().out
    assert "두 배 넘게 변한 날이 2번" in out and "일 동안 빈 곳" in out


def test_home_folders_and_missing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    save(tmp_path, table())
    assert len(read_prices("~/내 주가.csv ")[0]) == 80
    with pytest.raises(DataError, match=r"없는\.csv"):
        read_prices("~/없는.csv")
