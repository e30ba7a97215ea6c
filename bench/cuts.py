"""How a text becomes search words for the other engines: jieba's default dictionary without its guesses, or pairs of signs."""

from __future__ import annotations

import logging
import re
import warnings
from functools import lru_cache
from typing import Any

STOP = frozenset(
    "的 了 和 是 我 你 您 他 她 它 们 我们 你们 他们 在 也 都 就 还 又 很 太 把 被 给 对 向 从 到 于 与 及 或 而 但 这 那 这个 那个 "
    "个 着 过 地 得 吗 呢 吧 啊 呀 哦 嘛 啦 哈 来 去 上 下 里 不 没 有 要 会 能 可 可以 一 一个 请 等 让 所以 因为 如果 只 自己".split()
)
"""Words that say nothing about what is meant; numbers and units stay."""

_WORD = re.compile(r"\w")
_SIGNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9.]+")


@lru_cache(maxsize=1)
def _jieba() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba


def cut(text: str) -> list[str]:
    """All words of a text, each once, without stop words."""
    words = (word.lower() for word in _jieba().cut(text, HMM=False))
    return list(dict.fromkeys(word for word in words if _WORD.search(word) and word not in STOP))


def bigrams(text: str) -> list[str]:
    """All pairs of neighbouring Chinese signs, each once; figures and Latin words whole, a lone sign as it is."""
    found: dict[str, None] = {}
    for run in _SIGNS.findall(text.lower()):
        if run[0] < "\u3400" or len(run) == 1:
            found[run] = None
        else:
            found.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
    return list(found)
