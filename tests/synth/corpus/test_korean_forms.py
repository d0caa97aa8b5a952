"""Korean forms keep their rules: 400 draws of each against a check that is written here anew."""

import re
from collections.abc import Callable

import pytest

from synth.assets import asset_dir
from synth.corpus.pattern_file import load_patterns
from synth.corpus.pattern_matching import rule_yields
from synth.corpus.patterns import LineRule, draw, draw_with
from synth.draws import Draws

RULES = {rule.name: rule for rule in load_patterns(asset_dir("corpora") / "patterns.toml").rules}
DRAWS = 400

PROVINCES = {
    "서울": "서울특별시",
    "부산": "부산광역시",
    "대구": "대구광역시",
    "인천": "인천광역시",
    "광주": "광주광역시",
    "대전": "대전광역시",
    "울산": "울산광역시",
    "경기": "경기도",
    "강원": "강원특별자치도",
    "충북": "충청북도",
    "충남": "충청남도",
    "전북": "전북특별자치도",
    "전남": "전라남도",
    "경북": "경상북도",
    "경남": "경상남도",
    "제주": "제주특별자치도",
}
PRIVATE = set(
    "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주"  # own cars
)
HIRED, TRADE, DELIVERY = set("하허호"), set("바사아자"), {"배"}


def texts(name: str) -> list[str]:
    found = [draw(RULES[name], Draws(29, k)) for k in range(DRAWS)]
    assert len(set(found)) > 10
    return found


def is_road_address(text: str) -> bool:
    """시·도, 시·군·구, 도로명, 건물번호, and at most one 상세주소."""
    address, _, detail = text.partition(", ")
    province, town, road, house = address.split(" ")
    if detail and not re.fullmatch(r"\d{3}동 \d{3,4}호|\d{3}호|\d{1,2}층|지하 1층", detail):
        return False
    return (
        (province in PROVINCES or province in PROVINCES.values())
        and town[-1] in "시군구"
        and bool(re.fullmatch(r"[가-힣]+(로|길|대로|로\d{1,2}길|로\d{1,2}번길)", road))
        and bool(re.fullmatch(r"[1-9]\d{0,2}(-[1-9]\d?)?", house))
    )


def is_flat(text: str) -> bool:
    found = re.fullmatch(r"(\d{3})동 (\d{1,2})0([1-6])호", text)
    return bool(found) and 101 <= int(found[1]) <= 199 and 1 <= int(found[2]) <= 25


def is_postcode(text: str) -> bool:
    digits = text[-5:]
    return digits.isdigit() and 1000 <= int(digits) <= 63999 and not text[-6:-5].isdigit()


def is_plate(text: str) -> bool:
    region, _, rest = text.rpartition(" ") if text.count(" ") == 2 else ("", "", text)
    if text.count(" ") == 2:
        region, front, serial = text.split(" ")
        if region not in PROVINCES and region != "세종":
            return False
        if not re.fullmatch(r"\d{2}[가-힣]", front) or not re.fullmatch(r"[1-9]\d{3}", serial):
            return False
        return front[-1] in PRIVATE | TRADE | DELIVERY
    found = re.fullmatch(r"(\d{2,3})([가-힣]) ?(\d{4})", rest)
    if not found or found[3].startswith("00"):
        return False
    number, use = found[1], found[2]
    in_range = 1 <= int(number) <= 99 if len(number) == 2 else 100 <= int(number) <= 999
    # Trade and delivery plates name their region.
    return in_range and use in PRIVATE | HIRED


def is_phone(text: str) -> bool:
    digits = re.sub(r"^(전화|TEL|문의|팩스|예약|☎):? ", "", text)
    area = r"3[1-3]|4[1-4]|5[1-5]|6[1-4]"
    forms = (
        r"010-[2-9]\d{3}-\d{4}",
        r"070-\d{4}-\d{4}",
        r"02-[2-9]\d{2,3}-\d{4}",
        rf"0({area})-[2-9]\d{{2,3}}-\d{{4}}",
        r"1[568]\d\d-\d{4}",
        rf"\+82-(10-[2-9]\d{{3}}|2-[2-9]\d{{2,3}}|({area})-[2-9]\d{{2,3}})-\d{{4}}",
    )
    return any(re.fullmatch(form, digits) for form in forms)


def is_in_order(text: str) -> bool:
    clock = re.findall(r"(\d{2}):(\d{2})", text)
    if clock:
        (first, second) = (int(hour) * 60 + int(minute) for hour, minute in clock)
        return first < second < 24 * 60 and first % 30 == second % 30 == 0
    found = re.fullmatch(r"(매일|평일) 오전 (\d+)시~오후 (\d+)시", text)
    return bool(found) and 1 <= int(found[2]) <= 11 and 1 <= int(found[3]) <= 11


def is_business(text: str) -> bool:
    found = re.search(r"(\d{3})-(\d{2})-(\d{5})$", text)
    assert found
    digits = [int(char) for char in "".join(found.groups())]
    total = sum(digit * int(weight) for digit, weight in zip(digits, "137137135", strict=False))
    total += int(digits[8] * 5 / 10)
    return (10 - total % 10) % 10 == digits[9] and int(found[1]) >= 101 and found[2] != "00"


def is_corporate(text: str) -> bool:
    found = re.search(r"(\d{6})-(\d{7})$", text)
    assert found
    digits = [int(char) for char in "".join(found.groups())]
    total = sum(digits[0:12:2]) + 2 * sum(digits[1:12:2])
    return (10 - total % 10) % 10 == digits[12]


def is_account(text: str) -> bool:
    number = text.split(" ")[-1]
    return 10 <= len(number.replace("-", "")) <= 14 and bool(
        re.fullmatch(r"\d{3,6}(-\d{2,7}){2,3}", number)
    )


def is_postal(number: str) -> bool:
    """UPU S10: of `RA473124829KR` 4·8 + 7·6 + 3·4 + … = 200, 11 - 200 % 11 = 9."""
    weighed = sum(int(d) * w for d, w in zip(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = 11 - weighed % 11
    return number[10] == str({10: 0, 11: 5}.get(check, check))


def is_container(number: str) -> bool:
    """ISO 6346: letters count from A = 10 on, 11, 22 and 33 left out; CSQU3054383 is one."""
    values = dict(
        zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [n for n in range(10, 39) if n % 11], strict=True)
    )
    total = sum((values.get(c) or int(c)) * 2**k for k, c in enumerate(number[:10]))
    return str(total % 11 % 10) == number[10]


def is_cargo(text: str) -> bool:
    number = text.split(" ")[-1]
    if found := re.fullmatch(r"\d{3}-(\d{7})(\d)", number):
        return int(found[1]) % 7 == int(found[2])
    return bool(re.fullmatch(r"[A-Z]{3}U\d{7}", number)) and is_container(number)


def test_published_examples_of_check_digits_hold():
    assert is_postal("RA473124829KR") and is_container("CSQU3054383") and is_cargo("020-81140743")


def is_parcel(text: str) -> bool:
    number = text.split(" ")[-1]
    if re.fullmatch(r"[CER][A-Z]\d{9}KR", number):
        return is_postal(number)
    return bool(re.fullmatch(r"[1-9](\d{9}|\d{11}|\d{3}-\d{4}-\d{4})", number))


def is_licence(text: str) -> bool:
    if found := re.search(r"(\d{2})-\d{2}-\d{6}-\d{2}$", text):
        return int(found[1]) in {*range(11, 27), 28}
    found = re.search(r"(\w{2}) \d{2}-\d{6}-\d{2}$", text)  # as long as the office was named
    return bool(found) and found[1] in PROVINCES


def is_volume(text: str) -> bool:
    found = re.fullmatch(r"(.+?):? ([\d.]+)(mL|ml|L)", text)
    if not found:
        return False
    goods, amount = found[1], float(found[2]) * (1000 if found[3] == "L" else 1)
    if goods == "냉장고 용량":
        return 100_000 <= amount <= 1_000_000
    if goods in ("쓰레기봉투", "종량제봉투"):
        return amount in (5000, 10000, 20000, 50000, 75000)
    return 100 <= amount <= 4000 and not set(goods) & set("쌀육전압")


def is_mass(text: str) -> bool:
    found = re.fullmatch(r"(.+?):? ([\d.,]+)(kg|g)", text)
    if not found:
        return False
    goods, amount = found[1], float(found[2].replace(",", "")) * (1000 if found[3] == "kg" else 1)
    bounds = {
        "체중": (30_000, 100_000),
        "최대적재량": (500_000, 5_000_000),
        "적재중량": (500_000, 5_000_000),
        **dict.fromkeys(("시멘트", "사료", "비료"), (15_000, 40_000)),
        **dict.fromkeys(("쌀", "현미", "찹쌀", "콩"), (1000, 20_000)),
    }
    low, high = bounds.get(goods, (20, 950))
    return low <= amount <= high


def is_rating(text: str) -> bool:
    name, _, value = text.replace(":", "").partition(" ")
    if name == "배터리":
        return bool(re.fullmatch(r"용량 \d{1,2},[05]00mAh", value))
    unit = {
        "정격전압": r"(AC|DC) \d+V( 60Hz)?|220V~ 60Hz",
        "정격입력": r"(AC|DC) \d+V( 60Hz)?|220V~ 60Hz",
        "정격": r"(AC|DC) \d+V( 60Hz)?|220V~ 60Hz",
        "정격소비전력": r"[\d,]+W",
        "소비전력": r"[\d,]+W",
        "정격전류": r"\d+\.[05]A",
        "정격출력": r"\d\.\d\dkW",
    }[name]
    return bool(re.fullmatch(unit, value))


def is_price(text: str) -> bool:
    """Whether an amount ends in 0, and `부터` joins it."""
    (amount,) = re.findall(r"\d[\d,]*", text)
    return amount.endswith("0") and " 부터" not in text and int(amount.replace(",", "")) >= 100


COFFEE = "아메리카노 카페라떼 바닐라라떼 카푸치노 에스프레소 녹차라떼 레몬에이드 유자차 핫초코"
MEALS = "김치찌개 된장찌개 순두부찌개 비빔밥 돌솥비빔밥 돈까스 제육덮밥 순대국 물냉면 칼국수 갈비탕"
MEALS += " 육개장"
SNACKS = "떡볶이 김밥 참치김밥 라면 치즈라면 순대 튀김 군만두 어묵 잔치국수"
PRICES = {COFFEE: (1500, 6900), MEALS: (7000, 15000), SNACKS: (2500, 6500)}


def is_item(text: str) -> bool:
    """Whether the price of an item, where it has one, is of a size that such goods cost."""
    found = re.fullmatch(r"\*?(.+) (\d{1,2},\d{3}|\d{3})", text)
    if not found or found[1].replace(",", "").isdigit():
        return "," not in text or bool(re.fullmatch(r"\*?\d{1,2},\d{3} \d{1,2}", text))
    price = int(found[2].replace(",", ""))
    for goods, (low, high) in PRICES.items():
        if found[1] in goods.split(" "):
            return low <= price <= high and price % 100 == 0
    if found[1] in ("삼겹살 600g", "한돈 목심 500g", "연어회 300g", "쌀 5kg", "휴지 30롤"):
        return 12_000 <= price <= 27_000 and price % 10 == 0
    if found[1] in ("두부", "콩나물", "대파 1단", "애호박", "오이 2개", "컵라면", "생수 2L"):
        return 500 <= price < 4_000 and price % 10 == 0
    return 500 <= price < 20_000 and price % 10 == 0


CHECKS: dict[str, Callable[[str], bool]] = {
    "address_ko": is_road_address,
    "flat_ko": is_flat,
    "postcode_ko": is_postcode,
    "plate_ko": is_plate,
    "phone_ko": is_phone,
    "hours_ko": is_in_order,
    "business_ko": is_business,
    "corporate_ko": is_corporate,
    "account_ko": is_account,
    "parcel_ko": is_parcel,
    "licence_ko": is_licence,
    "cargo_ko": is_cargo,
    "volume_ko": is_volume,
    "mass_ko": is_mass,
    "rating_ko": is_rating,
    "price_ko": is_price,
    "item_ko": is_item,
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_form_keeps_its_rule(name: str) -> None:
    wrong = [text for text in texts(name) if not CHECKS[name](text)]
    assert not wrong


@pytest.mark.parametrize("name", CHECKS)
def test_a_form_keeps_its_rule_where_a_character_is_asked_for(name: str) -> None:
    rule = RULES[name]
    for number, char in enumerate(sorted(rule.characters)):
        text = draw_with(rule, char, Draws(31, number))
        assert text is not None and char in text and CHECKS[name](text), (char, text)


@pytest.mark.parametrize("name", CHECKS)
def test_a_form_is_known_again(name: str) -> None:
    assert all(rule_yields(RULES[name], text) for text in texts(name)[:100])


@pytest.mark.parametrize("name", CHECKS)
def test_a_form_fits_a_label(name: str) -> None:
    assert all(len(text) <= 25 for text in texts(name))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("address_ko", "서울 마포 한빛로 12"),
        ("address_ko", "서울 마포구 한빛로 0"),
        ("flat_ko", "110동 2807호"),
        ("postcode_ko", "(우) 00999"),
        ("postcode_ko", "64000"),
        ("plate_ko", "12바 3456"),
        ("plate_ko", "123하 0045"),
        ("phone_ko", "010-1234-5678"),
        ("hours_ko", "영업시간 22:00~09:00"),
        ("business_ko", "사업자번호 123-45-67890"),
        ("corporate_ko", "110111-1234567"),
        ("volume_ko", "쌀 20L"),
        ("mass_ko", "과자 20kg"),
        ("price_ko", "960원 부터"),
        ("item_ko", "아메리카노 37,260"),
    ],
)
def test_what_breaks_a_rule_is_neither_taken_for_a_form_nor_passes_the_check(
    name: str, wrong: str
) -> None:
    rule: LineRule = RULES[name]
    assert not rule_yields(rule, wrong)
    assert not CHECKS[name](wrong)


def test_every_form_of_a_phone_number_is_drawn() -> None:
    found = texts("phone_ko")
    for form in ("010-", "070-", "02-", "+82-10", "+82-2", "1588-", "031-"):
        assert any(form in text for text in found), form


def test_new_and_old_plates_are_drawn() -> None:
    found = texts("plate_ko")
    for form in (r"\d{3}[가-힣] \d{4}", r"\d{2}[가-힣] \d{4}", r"[가-힣]{2} \d{2}[바사아자] \d{4}"):
        assert any(re.fullmatch(form, text) for text in found), form


@pytest.mark.parametrize("sign", "①②③④⑤⑥⑦⑧⑨⑩㎥℃№₩㎡㈜㎏㎝㎜㎖℡※½")
def test_signs_that_stand_for_several_characters_come_from_our_patterns(sign: str) -> None:
    signs = [rule for rule in RULES.values() if rule.group == "signs_ko"]
    rules = [rule for rule in signs if sign in rule.characters]
    assert rules
    for k in range(DRAWS // 10):
        text = draw_with(rules[0], sign, Draws(37, k))
        assert text and sign in text and len(text) <= 25
