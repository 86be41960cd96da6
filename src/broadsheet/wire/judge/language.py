"""Whether the beat has words for an article's language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from broadsheet.wire.beat import Beat
from broadsheet.wire.judge.score import Scorer

# Below these a text is looked at more closely; figures from the errors on invented rows.
_FEW = 4  # words: fewer tell no language
_KNOWN = 0.45  # share of words that the model has met; English headlines lie above it
_SURE = 0.9  # probability at which the guess of a Latin-script language is believed
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*")
# Anything but Latin letters, their marks, and punctuation.
_NOT_LATIN = re.compile(
    "[^\x00-\u036f\u1e00-\u1eff\u2000-\u214f\u2190-\u2bff\ufb00-\ufb06\ufe00-\ufe0f\uff00-\uff5e]"
)
# Frequent characters that only simplified Chinese writes so (none is in Big5), to tell it from traditional.
_SIMPLIFIED = re.compile(
    "["
    "们国这时说为对动会经发过进还没实产业东车门问间马风书见劳关强边员务无亿专两严丧亲从众伤华单卖卫卢历压县参双变号叶呜团园围"
    "图场块坚坛声处备头夺妇妈孙学宝审宪宫导将尽层岁岛币师帮广庆库应废开弃张弹归录忆态总恶悬惧惯户护报担拥择换损摆摇撑敌数断旧"
    "显晋晓术杀杂权条来杨枪标树样桥检楼欢歼残毁毕汇汉汤沟泪浇测济浓涛润涨渔湿湾满滚灭灵灾炉点炼烂热爱爷牵状独狱猪献环现珑电画"
    "畅疗疯监盖盘矿码礼祸积称稳穷竞笔签简类粮紧纠红纪约级纯纳纵纷纸纹线练组细织终绍结绕给络绝统继绩绪续维绿罗罚罢职联肃肤肾胁"
    "脑脚脱脸节芦苏荣药获营虏虽蛮补装觉计订认讨让训议讯记讲许论设访证评识诉词译试诗话诞询该详语误诱请诸课谁调谈谋谢谣负贡财责"
    "败账货质贩贪购贫贯贱贴贵贷贸费贺贼资赌赎赏赔赖赚赛赞赵趋跃践踪轨转轮软轰载较辅辆输达迁运迟选递逻遗邓邮邻郑酱释针钓钟钢钱"
    "铁银错锁锅镇闭闯闲闻阅阵阶际陆陈险随隐难雾静韩页项顺须顾顿预领频题额颜飞饥饭饮馆驱驶验骗骚鱼鲁鲜鸟鸡鸣齐龄龙"
    "]"
)
_SCRIPTS = {
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "THAI": "th",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "SINHALA": "si",
    "GREEK": "el",
    "HEBREW": "he",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "ETHIOPIC": "am",
}


def uncovered(
    stated: str | None, given: str, words: Sequence[str], beat: Beat, scorer: Scorer | None
) -> str | None:
    """The language of a text where the beat has no words for it; None where it has, or none is told.

    A stated language is believed. Else the script decides, and where the script is Latin and few of
    the words are known to the model, a guess that is nearly sure. The answer is an ISO 639 code.
    """
    covered = {language.split("-")[0].lower() for language in beat.languages}
    if not given.isascii() and _NOT_LATIN.search(given):
        script = _script(given)
        if script and script != "latin":
            # A stated language may be that of the site; the script of the words is plain to see.
            language = script if script in _SCRIPTS.values() else (_guess(given)[0] or script)
            if language == "zh" and _SIMPLIFIED.search(given) and "zh-hant" in _lower(beat):
                traditional = not {"zh", "zh-hans", "zh-cn"} & _lower(beat)
                return "zh-Hans" if traditional and _mostly_simplified(given) else None
            return None if language in covered else language
    if stated and _TAG.fullmatch(stated.strip()):
        language = re.split("[-_]", stated.strip())[0].lower()
        return None if language in covered else language
    if scorer is None or len(words) < _FEW:
        return None
    if scorer.known(words) >= _KNOWN * len(words):
        return None
    language, sure = _guess(given)
    return language if language not in covered and sure >= _SURE else None


def _lower(beat: Beat) -> set[str]:
    return {language.lower() for language in beat.languages}


def _mostly_simplified(given: str) -> bool:
    """A name may be written so in a traditional text: it takes one character in six."""
    return len(_SIMPLIFIED.findall(given)) * 6 >= sum("\u4e00" <= c <= "\u9fff" for c in given)


def _script(given: str) -> str | None:
    """`latin`, a language that its script tells, or the script's name, by most of the letters."""
    counts: dict[str, int] = {}
    for character in given[:400]:
        if character.isalpha():
            script = "latin" if character.isascii() else unicodedata.name(character, "?").split()[0]
            script = {"LATIN": "latin", "FULLWIDTH": "latin"}.get(script, script)
            counts[script] = counts.get(script, 0) + 1
    if not counts:
        return None
    if counts.get("HIRAGANA", 0) + counts.get("KATAKANA", 0) > 0.1 * sum(counts.values()):
        return "ja"
    # A Chinese character says as much as three or four letters.
    if "CJK" in counts:
        counts["CJK"] *= 3
    most = max(counts, key=lambda script: (counts[script], script))
    return _SCRIPTS.get(most, most.lower() if most != "latin" else "latin")


def _guess(given: str) -> tuple[str, float]:
    found, sure = _identifier().classify(given)
    return str(found), float(sure)


@lru_cache(maxsize=1)
def _identifier():  # type: ignore[no-untyped-def]
    """Loaded at the first text that needs it: 0.3 s."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
