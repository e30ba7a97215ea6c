"""Makes the two fonts of this folder from Noto Sans SC; see README.md beside it.

python -m farmerline.render.fonts.build PACKAGE
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from farmerline.places import read_vendored

FOLDER = Path(__file__).parent
FONTS = (  # our file, its source, the last row of GB 2312 it holds: heads need the common signs alone
    ("NotoSansSC-Regular.ttf", "400Regular/NotoSansSC_400Regular.ttf", 0xF7),
    ("NotoSansSC-Bold.ttf", "700Bold/NotoSansSC_700Bold.ttf", 0xD7),
)
SIGNS = "·—‘’“”…‰′″※℃①②③④⑤→←↑↓√×÷≤≥≈■□▲△◆◇○●◎★☆✓✕✗、。〈〉《》「」『』【】〔〕！（），：；？～￥¥²³°µ"
# Names that were given to children in our time hold signs that the standard of 1980 does not.
NAMES = (
    "喆堃婍婳嫄嬅孃孖峣崟嵚彧惇旻昇昉昫昳晅晞晧晳暅暘暲曈朓杋棪汭沄沨洺浥浵淏淓湉湜湲溁溍濛炘烜焜燊燏燚燿犇玓玕玘玙玚玠玥玭玹"
    "珣珪珮珵珺琇琎琡琤琭琯瑀瑄瑢璘璟璠璿瓅甦畇畯皛皞皦矞碶祎祐祾禔禛禤秾窅竑筳纮翀翙翚翾芃莯虓衎袆訚訸谞贇赟迺遹鄜釿鋆锜镕镠"
    "頔飏鹍鹮龑龢"
)


def signs(last_row: int) -> str:
    """Every sign that a page of ours may need, with the rows of GB 2312 up to this one."""
    found = {*map(chr, range(0x20, 0x7F)), *SIGNS, *NAMES}
    for row in (
        *range(0xA1, 0xA4),
        *range(0xB0, last_row + 1),
    ):  # between them: kana, Greek, Cyrillic, frames
        found.update("".join(bytes((row, cell)).decode("gb2312", "ignore") for cell in range(0xA1, 0xFF)))
    found.update("".join(place.name for place in read_vendored()))
    return "".join(sorted(found))


def build(package: Path) -> None:
    options = Options(hinting=False, layout_features=[], name_IDs=[*range(7), 13, 14], notdef_outline=True)
    options.drop_tables += ["vhea", "vmtx", "GPOS", "GSUB", "GDEF", "BASE", "STAT", "gasp"]
    for name, source, last_row in FONTS:
        font = TTFont(package / source, recalcTimestamp=False)
        subsetter = Subsetter(options)
        subsetter.populate(text=signs(last_row))
        subsetter.subset(font)
        font.save(FOLDER / name)
        print(name, len(font.getBestCmap()), "signs")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
