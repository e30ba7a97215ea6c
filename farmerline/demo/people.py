"""The people of the demo county: 600 made-up accounts in real villages of 慈溪, the same on every run.

Nobody here exists. Names are a surname, one of 甲乙丙丁戊己庚辛壬癸 and a plant (the cast of the stories has
names of its own kind); organisations say 演示 in their names and carry a registrar 999999 that no office has.
Phones are +86 199 0000 0001 and on: no range of Chinese mobile numbers is kept free for stories, so these
must never be sent to through a real carrier. The demo speaks only to the simulator.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from farmerline.identity import body_check_digit, credit_check_digit

COUNT = 600
COUNTY = "330282"
YANGGAO = "330282123222"
RICE, RICE_GROWERS = "水稻", 506
_SEED = 330282
_HOUSEHOLDS = 40  # phones that two of the made-up members share, besides the one in the cast

# Twenty villages by the bureau's codes, with what is grown or kept there in this demo.
VILLAGES: dict[str, tuple[str, ...]] = {
    YANGGAO: ("葡萄", "梨", "杨梅", "茶叶", "鸡"),  # 龙山镇杨高村
    "330282123224": ("杨梅", "竹笋", "茶叶", "蜂蜜"),  # 龙山镇黄杨岙村
    "330282123221": ("蚕豆", "水稻", "梭子蟹", "棉花"),  # 龙山镇王家路村
    "330282104208": ("杨梅", "竹笋", "枇杷", "蜂蜜"),  # 掌起镇任佳溪村
    "330282104215": ("青蟹", "南美白对虾", "毛豆", "鸭"),  # 掌起镇古窑浦村
    "330282107235": ("草鱼", "鲫鱼", "茶叶", "桃"),  # 观海卫镇双湖村
    "330282108204": ("红叶石楠", "桂花树", "香樟", "草坪", "月季"),  # 附海镇花木村
    "330282109207": ("杨梅", "桃", "兔", "黄花菜"),  # 桥头镇烟墩村
    "330282110204": ("杨梅", "樱花树", "猕猴桃", "鸡蛋"),  # 匡堰镇岗墩村
    "330282111208": ("番茄", "茄子", "丝瓜", "鸽子"),  # 逍林镇联明村
    "330282112213": ("葡萄", "甜瓜", "草莓", "西兰花"),  # 新浦镇洋龙村
    "330282112203": ("葡萄", "黄瓜", "花菜", "泥鳅"),  # 新浦镇下洋浦村
    "330282113210": ("香菇", "平菇", "黑木耳", "小葱"),  # 胜山镇胜山头村
    "330282114214": ("杨梅", "茶叶", "柿子", "石榴"),  # 横河镇孙家境村
    "330282116208": ("西兰花", "白菜", "雪里蕻", "芹菜", "甘蓝"),  # 崇寿镇傅家路村
    "330282118217": ("南美白对虾", "甲鱼", "鹅", "菠菜"),  # 庵东镇马潭路村
    "330282118222": ("水稻", "油菜籽", "羊", "大蒜"),  # 庵东镇西三村
    "330282120202": ("席草", "榨菜", "豌豆", "萝卜", "芋头"),  # 长河镇大牌头村
    "330282121224": ("梨", "榨菜", "蜜桔", "生菜", "马铃薯"),  # 周巷镇长胜市村
    "330282003202": ("南瓜", "红薯", "毛豆", "猪"),  # 坎墩街道三群村
}  # fmt: skip

_SURNAMES = "岑陈胡沈徐王张杨宓罗孙马许施周方史潘余邹高叶吴龚裘柴戎阮单曾"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_PLANTS = "禾苗穗荷兰竹松菊柏桐芸莲萍蒲"


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up account. ``key`` names it in the demo; ``place`` is a village (or, for buyers elsewhere, a
    county).

    ``role`` holds within ``scope``; ``channel`` is the preferred one (sms, voice, mailbox); ``days`` is how
    many days ago the account began; ``tips`` whether farming tips were agreed to; ``household`` is the same
    word for members of one phone, else empty; ``organisation`` an organisation's key, else empty.
    """

    key: str
    name: str
    phone: str
    place: str
    kinds: tuple[str, ...] = ("farmer",)
    crops: tuple[str, ...] = ()
    role: str = "farmer"
    scope: str = ""
    channel: str = "sms"
    state: str = "verified"
    days: int = 120
    tips: bool = True
    household: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A made-up firm, market or co-op; ``contact`` is the key of the person who answers for it."""

    key: str
    name: str
    credit_code: str
    kind: str
    place: str
    contact: str


def phone(number: int) -> str:
    """The demo's phone of that number: 1 → +8619900000001."""
    return f"+86199{number:08d}"


# The cast of the stories. Their keys are what the stories use.
OLD_YANG = Person("old-yang", "杨老根", phone(1), YANGGAO, crops=("葡萄",), days=400)
FRUIT_SELLER = Person("fruit-seller", "陈果香", phone(2), "330282112213", crops=("葡萄",))
TRELLIS_SELLER = Person("trellis-seller", "胡架子", phone(3), "330282112203", crops=("葡萄",))
SEEDLING_SELLER = Person(
    "seedling-seller", "沈育苗", phone(4), "330282114214", ("farmer", "large_grower"), ("葡萄",)
)
SHARED_A = Person("shared-a", "杨甲松", phone(5), YANGGAO, crops=("梨",), household="shared")
SHARED_B = Person("shared-b", "陈乙梅", phone(5), YANGGAO, crops=("梨", "鸡"), household="shared")
TIPS_FARMER = Person("tips-farmer", "徐听雨", phone(6), "330282116208", crops=("西兰花", "白菜"))
SPEAKER = Person("speaker", "王开口", phone(7), "330282116208", crops=("甘蓝",), channel="voice", days=60)
WEB_BUYER = Person(
    "web-buyer", "罗收菜", phone(8), "330282112203", ("buyer",), ("甘蓝",), channel="mailbox", tips=False
)
CONTACT = Person(
    "contact", "杨联络", phone(10), YANGGAO, role="contact", scope=YANGGAO, channel="mailbox", days=700
)
OFFICER = Person(
    "officer", "施植保", phone(11), COUNTY, ("technician",), role="officer", scope=COUNTY, channel="mailbox"
)
SIGNER = Person(
    "signer", "周签发", phone(12), COUNTY, ("technician",), role="signer", scope=COUNTY, channel="mailbox"
)
EXPERT = Person(
    "expert", "方专家", phone(13), COUNTY, ("technician",), ("葡萄", "梨"), "expert", COUNTY, "voice"
)
PUBLISHER = Person(
    "publisher",
    "许编辑",
    phone(14),
    COUNTY,
    ("technician",),
    role="publisher",
    scope=COUNTY,
    channel="mailbox",
)
ADMIN = Person(
    "admin", "高管理", phone(15), COUNTY, ("technician",), role="admin", scope=COUNTY, channel="mailbox"
)
SHANGHAI_BUYER = Person(
    "shanghai-buyer",
    "叶申购",
    phone(16),
    "310115",
    ("buyer", "firm"),
    ("西兰花", "葡萄", "草莓"),
    organisation="shanghai",
)
GUANGDONG_BUYER = Person(
    "guangdong-buyer", "吴粤来", phone(17), "440111", ("buyer", "firm"), ("小葱", "芹菜", "西兰花"), organisation="guangdong"
)  # fmt: skip

CAST: tuple[Person, ...] = tuple(
    replace(person, scope=person.scope or person.place)
    for person in (
        OLD_YANG, FRUIT_SELLER, TRELLIS_SELLER, SEEDLING_SELLER, SHARED_A, SHARED_B, TIPS_FARMER, SPEAKER, WEB_BUYER,
        CONTACT, OFFICER, SIGNER, EXPERT, PUBLISHER, ADMIN, SHANGHAI_BUYER, GUANGDONG_BUYER,
    )
)  # fmt: skip

# Not an account: writes from a number nobody knows, and is enrolled in the story.
STRANGER = Person("stranger", "邹生面", phone(9), YANGGAO, crops=("鸡",), state="", days=0)


def credit_code(kind: str, serial: int) -> str:
    """A code with right check digits that says what it is: ``93999999DEM0…`` for a co-op, ``91…`` for the
    others.
    """
    body = f"DEM{serial:05d}"
    code = f"9{'3' if kind == 'coop' else '1'}999999{body}{body_check_digit(body)}"
    return code + credit_check_digit(code)


_ORGANISATIONS = (
    ("grape-coop", "慈溪演示葡萄专业合作社", "coop", COUNTY), ("pear-coop", "慈溪演示蜜梨专业合作社", "coop", COUNTY),
    ("bayberry-coop", "慈溪演示杨梅专业合作社", "coop", COUNTY), ("broccoli-coop", "慈溪演示西兰花专业合作社", "coop", COUNTY),
    ("shrimp-coop", "慈溪演示水产专业合作社", "coop", COUNTY), ("nursery-coop", "慈溪演示苗木专业合作社", "coop", COUNTY),
    ("freezer", "慈溪演示速冻蔬菜有限公司", "firm", COUNTY), ("pickles", "慈溪演示榨菜食品有限公司", "firm", COUNTY),
    ("rice-mill", "慈溪演示米业有限公司", "firm", COUNTY), ("inputs", "慈溪演示农资有限公司", "firm", COUNTY),
    ("market", "慈溪演示果蔬批发市场", "market", COUNTY), ("hangzhou", "杭州演示农副产品批发市场", "market", "330113"),
    ("shanghai", "上海演示生鲜配送有限公司", "firm", "310115"), ("guangdong", "广州演示蔬菜贸易有限公司", "firm", "440111"),
)  # fmt: skip
_CONTACTS = {"shanghai": SHANGHAI_BUYER.key, "guangdong": GUANGDONG_BUYER.key}
ORGANISATIONS: tuple[Organisation, ...] = tuple(
    Organisation(key, name, credit_code(kind, serial), kind, place, _CONTACTS.get(key, f"org-{key}"))
    for serial, (key, name, kind, place) in enumerate(_ORGANISATIONS, start=1)
)


@cache
def people() -> tuple[Person, ...]:
    """All 600, the cast first; the same people on every run. The stranger is not among them."""
    chance = random.Random(_SEED)
    names = _names(chance)
    found = list(CAST)
    found += _staff(names, start=20)
    found += _organisation_people(names, start=60)
    found += _villagers(names, chance, COUNT - len(found))
    return tuple(_with_rice(found))


def person(key: str) -> Person:
    """The person of that key; raises ``KeyError``."""
    return {each.key: each for each in people()}[key]


def organisation(key: str) -> Organisation:
    """The organisation of that key; raises ``KeyError``."""
    return {each.key: each for each in ORGANISATIONS}[key]


def rice_growers() -> list[Person]:
    """The county's people who grow rice: those of the early-rice alert."""
    return [each for each in people() if RICE in each.crops and _is_here(each)]


def _with_rice(found: list[Person]) -> list[Person]:
    """Let rice be grown by so many of the county that an alert about it has 506 people."""
    missing = RICE_GROWERS - sum(RICE in each.crops for each in found if _is_here(each))
    sown: list[Person] = []
    for each in found:
        sows = (
            missing > 0 and _is_here(each) and RICE not in each.crops and each.role in ("farmer", "contact")
        )
        missing -= sows
        sown.append(replace(each, crops=(*each.crops, RICE)) if sows else each)
    return sown


def _is_here(each: Person) -> bool:
    return each.place.startswith(COUNTY) and each.state == "verified"


def _names(chance: random.Random) -> Iterator[str]:
    """Visibly made-up names, no two alike and none of the cast."""
    names = [surname + stem + plant for surname in _SURNAMES for stem in _STEMS for plant in _PLANTS]
    chance.shuffle(names)
    taken = {each.name for each in (*CAST, STRANGER)}
    return iter([name for name in names if name not in taken])


def _staff(names: Iterator[str], start: int) -> Iterator[Person]:
    """One contact point for every other village, and second and third people for each desk of the bureau."""
    number = start
    for village in VILLAGES:
        if village != YANGGAO:
            key = f"contact-{village}"
            yield Person(
                key,
                next(names),
                phone(number),
                village,
                role="contact",
                scope=village,
                channel="mailbox",
                days=600,
            )
            number += 1
    for role, count in (("expert", 5), ("publisher", 2), ("officer", 2), ("signer", 1)):
        for place in range(2, count + 2):
            yield Person(
                f"{role}-{place}", next(names), phone(number), COUNTY, ("technician",), _expertise(role, place),
                role, COUNTY, "mailbox", days=500,
            )  # fmt: skip
            number += 1


def _expertise(role: str, place: int) -> tuple[str, ...]:
    fields = (
        ("杨梅", "茶叶"),
        ("西兰花", "白菜", "甘蓝"),
        ("南美白对虾", "青蟹"),
        ("水稻", "油菜籽"),
        ("鸡", "猪", "羊"),
    )
    return fields[place - 2] if role == "expert" else ()


def _organisation_people(names: Iterator[str], start: int) -> Iterator[Person]:
    wants = {
        "grape-coop": ("葡萄",), "pear-coop": ("梨",), "bayberry-coop": ("杨梅",), "broccoli-coop": ("西兰花", "花菜"),
        "shrimp-coop": ("南美白对虾", "青蟹"), "nursery-coop": ("红叶石楠", "桂花树"), "freezer": ("毛豆", "蚕豆", "西兰花"),
        "pickles": ("榨菜", "雪里蕻", "萝卜"), "rice-mill": ("水稻",), "inputs": (), "market": ("番茄", "白菜", "南瓜"),
        "hangzhou": ("蜜桔", "草莓", "芋头"),
    }  # fmt: skip
    number = start
    for each in ORGANISATIONS:
        if each.key not in _CONTACTS:
            kinds = (each.kind, "buyer") if wants[each.key] else (each.kind,)
            yield Person(
                each.contact, next(names), phone(number), each.place, kinds, wants[each.key], scope=each.place,
                channel="mailbox", days=300, organisation=each.key,
            )  # fmt: skip
            number += 1


def _villagers(names: Iterator[str], chance: random.Random, count: int) -> list[Person]:
    """The farmers and those around them, dealt to the villages in turn; the last ones share a phone with
    an earlier one.
    """
    kinds = (
        [("buyer",)] * 24
        + [("broker", "buyer")] * 14
        + [("technician",)] * 10
        + [("farmer", "large_grower")] * 36
    )
    kinds += [("farmer",)] * (count - len(kinds))
    chance.shuffle(kinds)
    villages = list(VILLAGES)
    every_crop = sorted({crop for crops in VILLAGES.values() for crop in crops if crop != "甘蓝"})
    found: list[Person] = []
    for index, kind in enumerate(kinds):
        village = villages[index % len(villages)]
        if "buyer" in kind:
            crops = tuple(chance.sample(every_crop, 5))
        elif kind == ("technician",):
            crops = VILLAGES[village][:2]
        else:
            crops = tuple(chance.sample(VILLAGES[village], 2))
        found.append(
            Person(
                f"p{index + 1:03d}", next(names), phone(100 + index), village, kind, crops, scope=village,
                channel=chance.choices(("sms", "voice", "mailbox"), (74, 18, 8))[0],
                days=chance.randint(31, 700), tips=chance.random() < 0.7,
            )
        )  # fmt: skip
    for each in range(_HOUSEHOLDS):  # the same village comes round every len(VILLAGES) people
        later = len(found) - 1 - each
        first = later - 2 * len(villages)
        house = f"house-{each + 1:02d}"
        found[first] = replace(found[first], household=house)
        found[later] = replace(found[later], household=house, phone=found[first].phone)
    for state, places in (("pending", (3, 40, 77)), ("suspended", (111,)), ("left", (150, 222))):
        for place in places:
            found[place] = replace(
                found[place], state=state, days=2 if state == "pending" else found[place].days
            )
    return found
