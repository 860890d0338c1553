"""What kind of answer a question wants: a yes or no, a speed, what it takes, which model, which hardware, a comparison.

Read from cue words and from what was found in the text. It does not route between fit, definition and diagnosis.
"""

from __future__ import annotations

from knowledge import linear
from knowledge.question.buying import read_goods
from knowledge.question.cues import asks_for_a_model, asks_how_much, compares
from knowledge.question.types import Intent

_SPEED = linear.compile(
    r"\b(?:tok(?:en)?s?(?: ?/ ?| per )s|t/s|tps|how (?:fast|slow)|speed|slow(?:er)?\b|fast(?:er)?\b"
    r"|throughput|performance|latency|ttft|wie schnell|schnell|rapide|rápido)"
    r"|速度|每秒|多快|効率|efficiency"
)
_NEED = linear.compile(
    r"\b(?:what (?:does|would|will) (?:it|that) take|(?:cheapest|best) way to run"
    r"|what (?:kind of )?hardware|hardware requirements?|requirements?|how much (?:v?ram|memory|gpu"
    r"|vram)|minimum (?:hardware|specs?|gpu)|specs?\b.*\bfor\b|hardware recommendations?|what (?:do i"
    r"|would i|gpu|hardware)\b.*\b(?:need|take|run)|needed hardware|sane hardware|wie ?viel (?:v?ram"
    r"|speicher)|was brauche ich|combien de)"
    r"|多大显存|多少显存|多少算力|需要多少|最低配置|什么配置|多少g"
)
_WHICH_MODELS = linear.compile(
    r"\b(?:(?:which|what|best|optimal|good|any|some) (?:\w+ ){0,4}(?:models?|llms?|llama|version)\b"
    r"|what should i run|what can (?:i|you|one|we|my|an?|the|this) (?:\w+[ -]){0,4}run\b"
    r"|which (?:llm|model)|models? .{0,30}\bcan run\b|running models on"
    r"|welche[sn]? modell)|哪个.*模型|哪些模型|什么模型|哪个model"
)
_WHICH_HARDWARE = linear.compile(
    r"\b(?:(?:which|what|best) (?:\w+ ){0,3}(?:gpu|card|hardware|laptop|mac|pc|build|setup)\b"
    r"|should i (?:buy|get|upgrade)|worth (?:buying|it|upgrading)|buy a|upgrade to|welche grafikkarte)|买什么"
    r"|推荐.*显卡"
)
_COMPARE = linear.compile(
    r"\b(?:vs\.?|versus|better than|compared? (?:to|with)|difference between|or (?:rtx|rx|m\d|a )"
    r"|faster than|slower than|oder)\b|对比|还是"
)
_FIT = linear.compile(
    r"\b(?:can (?:i|you|it|a|my)|will|would|fit|enough|possible|doable|able to|run(?:s|ning)?|load"
    r"|sufficient|work(?:s)? (?:with|on)|oom|out of memory|passt|läuft|reicht)\b|能否|可以|能跑|能运行|够"
)


_CUE_CHARS = 600
"""So much of a text is read for cues in two parts: in a story the parts stand together by chance."""


def read_intent(text: str, *, has_model: bool, n_hardware: int) -> Intent:
    """The kind of answer `text` (in normal form) wants; `fit` where a model and hardware stand together unexplained."""
    if n_hardware >= 2 and compares(text[:_CUE_CHARS]):
        return "compare"
    if _COMPARE.search(text) and (n_hardware >= 2 or not has_model):
        return "compare"
    needs = _NEED.search(text) is not None or asks_how_much(text[:_CUE_CHARS])
    if needs and not n_hardware:
        return "requirements"
    if _WHICH_MODELS.search(text) and (n_hardware or not has_model):
        return "which_models"
    if n_hardware and not has_model and not needs and asks_for_a_model(text[:_CUE_CHARS]):
        return "which_models"
    if _SPEED.search(text):
        return "speed"
    if _WHICH_HARDWARE.search(text) or (len(text) <= _CUE_CHARS and read_goods(text) is not None):
        return "which_hardware" if not needs else "requirements"
    if needs:
        return "requirements"
    if has_model or n_hardware or _FIT.search(text):
        return "fit"
    return "other"
