"""Where a text goes: a fit question, a definition, a diagnosis, or none of these.

Weighs the shape of the text and what the parser found in it against how sure the glossary and the error matcher are
(their scores come in as arguments; this package does not import them). It answers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge import linear
from knowledge.linear import Pattern
from knowledge.question.cues import compares
from knowledge.question.reports import asks_anything, tells_what_came_of_it, tells_what_it_does
from knowledge.question.text import MAX_READ_CHARS, normalise
from knowledge.question.types import FitQuestion

Route = Literal["fit", "define", "diagnose", "other"]

_FIT = linear.compile(
    r"\b(?:can (?:i|you|my|a|the|any ?one|it|this)\b.{0,40}\b(?:run|fit|load|handle|use)|will (?:it |this "
    r"|\w+ ).{0,60}\b(?:run|fit|work)|would .{0,60}\bwork with|able to run|possible to (?:run|use|load)"
    r"|be possible to run"
    r"|enough (?:for|to|vram|ram|memory)|is .{0,50}\b(?:doable|enough|possible)|wanna run"
    r"|want to (?:try )?run|try(?:ing)? to (?:run|load)|fit (?:in|on|into|the)|doesn'?t fit|don'?t fit"
    r"|barely fit"
    r"|how much (?:v?ram|memory|gpu)|what (?:kind of )?(?:hardware|gpu|specs?)|hardware (?:specs?"
    r"|requirements?|recommendations?|needed)|(?:minimum|sane|low end|low-end|my) hardware|requirements?\b"
    r"|which (?:model|llm|gpu|card|mac)|what (?:model|llm|tok/?s)|best (?:\w+ ){0,3}(?:models?|llm|hardware"
    r"|gpu)|optimal model|should i (?:run|buy|get|expect)"
    r"|how (?:slow|fast) would|tok(?:en)?s? (?:per|/) ?s|at what rate|models? (?:for|on|to run)|worth it"
    r"|options for running|where and how to run|run .{0,30}\b(?:models?|locally)|coding llms?"
    r"|läuft|reicht|passt|wie ?viel (?:v?ram|speicher)|puedo (?:correr|ejecutar)|combien|requis)"
    r"|显存|能(?:否|不能|运行|跑)|可以(?:跑|运行|吗|量化)|部署|多少(?:g|显存|算力|内存)|配置|跑.{0,12}(?:吗|模型)|运行|запустить|потянет|хватит|動かせ|動く"
)
_DEFINE = linear.compile(
    r"^(?:so |ok |hey |hi |pls |please )?(?:wtf (?:is|are)|what(?:'?s| is| are| does| do)\b|whats\b|explain"
    r"|what (?:even|exactly|happens|the (?:heck|hell|fuck))\b"
    r"|define|meaning of|difference between|eli5|how (?:does|do|are|is)\b|why (?:is|are|do|does)\b"
    r"|was (?:ist|sind|bedeutet)|qu'?est[- ]ce|qué es|что такое|什么是|i'?m confused (?:by|about)"
    r"|confused (?:by|about)|question about|tell me about|when is|where does)"
    r"|\b(?:meaning|explained|explain|stands? for|mean(?:s|ing)?\b|what is (?:it|that|this)|what (?:are"
    r"|do) (?:they|these)|purpose|what for|definition|difference|for dummies|in simple terms|like (?:im"
    r"|i'?m) (?:5|five)|do i need (?:it|one|this)|what does .{1,30} do)\b"
    r"|\bvs\.?\b|\bversus\b|是什么|什么意思|区别"
)
_BUYING = linear.compile(
    r"\bwhat(?:'?s| is| are) (?:the |your )?(?:current |currently |absolute )?(?:best|minimum|min|optimal"
    r"|fastest|cheapest|latest|recommended|most|ideal|biggest|largest|required|lowest|smallest|maximum|max"
    r"|good)\b"
)
_VERSUS = linear.compile(r"\bvs\.?\b|\bversus\b|\bor\b|\bbetter than\b|还是")
_ERROR = linear.compile(
    r"\b(?:errors?|exceptions?|traceback|failed|fails|failure|failing|crash(?:es|ed|ing)?|segfaults?"
    r"|segmentation fault|core dumped|abort(?:ed)?|panic|assert(?:ion)?|killed|unable to|cannot|could not"
    r"|couldn'?t|won'?t|(?:stopp?ed|not|never|isn'?t|without) (?:being )?(?:found|detected|working|supported"
    r"|recogni[sz]ed|using|used|respected|compiled|loading|loaded)|not able to|no .{1,24} found"
    r"|not in (?:list|\[)|insufficient|forcing full|lack of|doesn'?t (?:work|load|start|use|see|find|detect"
    r"|recogni[sz]e|respond|show)|do(?:es)? not (?:work|load|start|use|see|find|detect|recogni[sz]e|respond|show)"
    r"|isn'?t (?:working|used|detected)|question marks?|stops? (?:in the middle|half ?way|mid[- ]sentence)|cuts? off"
    r"|not enough memory|restart(?:ing|ed)? (?:the |my )?(?:docker |ollama )?(?:container|server|service"
    r"|computer|pc)|how do i stop|any ideas\?|garbage|gibberish|nonsense|corrupt(?:ed)?|hangs?|hanging"
    r"|freez(?:e|es|ing)|stuck|timed? ?out|refused|denied|invalid|undefined|missing|unexpected|unknown|unsupported"
    r"|broken|bug|issue|regression|warning|no errors?|exit code|stack ?trace|nan\b|oom\b|out of memory"
    r"|can(?:'?t|not) (?:see|find|detect|access|connect|open|reach|read|use|start|load|download|be (?:found|loaded))"
    r"|no .{1,24} detected|already in use|no longer (?:running|works?|starts?|loads?|uses?)|even though|although"
    r"|(?:keeps|started|begins) \w+ing|forbidden|unauthori[sz]ed|gated (?:repo|model)|(?:http|status|code) ?[45]\d\d"
    r"|reboots?|goes black|black screen|nicht (?:erkannt|gefunden|geladen|genutzt|benutzt)|fehler|stürzt|abgestürzt"
    r"|(?:funktioniert|geht|startet|läuft) nicht|no (?:funciona|detecta|reconoce|arranca|carga)|falla|erro"
    r"|ne (?:marche|fonctionne|démarre|détecte) pas|erreur|não (?:funciona|detecta|reconhece|inicia)"
    r"|non (?:funziona|rileva|parte)|errore"
    r"|never answers|leak|slow(?:er|ly)?|100% (?:cpu|gpu)|instead of|empty)\b|ошибк|не (?:работает|видит|запускается)"
    r"|报错|错误|失败|崩溃|无法|卡住|乱码"
)
_HARD_ERROR = linear.compile(
    r"traceback \(most recent|\berror:|\bexception:|\[bug\]|\bbug:|error[ _]code|exit code|0x[0-9a-f]{6,}"
    r"|ggml_assert|core dumped|\.py\", line|exit status|http/1|status code|stack trace|llama_model_load"
    r"|cudamalloc|torch\.|runtimeerror|valueerror|oserror|importerror|modulenotfound|assertionerror|keyerror"
    r"|typeerror|\berr\b|\[error\]|fatal|what happened\?|describe the bug|steps to reproduce|\[usage\]"
    r"|\[misc|panic:|undefined (?:symbol|reference)|errno|no such file|```"
)


@dataclass(frozen=True, slots=True)
class RouteScores:
    """How strongly a text is each kind of question, in the units of `WEIGHTS`."""

    fit: float
    define: float
    diagnose: float


WEIGHTS = {
    "fit_words": 2.0,
    "model_and_hardware": 2.5,
    "model_or_hardware": 1.0,
    "amount": 0.75,
    "quant_or_context": 0.5,
    "versus_hardware": 2.5,
    "define_words": 3.0,
    "term_found": 2.5,
    "term_found_by_topic": 0.5,
    "error_words": 1.25,
    "report": 1.75,
    "behaves": 2.0,
    "told_not_asked": -2.0,
    "hard_error": 4.0,
    "long": 2.0,
    "lines": 1.0,
    "error_found": 3.5,
    "error_found_by_words": 2.0,
    "error_found_by_topic": 1.0,
}
"""Hand-set, from what tells the three kinds apart; the accuracy test holds them."""

_LEAST = 1.0
"""A text whose best score is below this is none of the three."""

_PRACTICAL = frozenset({"requirements", "which_models", "which_hardware"})
"""What is asked of a model or device by name; glossary words in such a question are its topic."""

_SIGNED = 0.95
"""An error found with this confidence is one by its own words, whether or not the text complains."""

_TOLD = 0.7
"""Trouble so likely in a text that asks for no meaning is what it tells of, and its words are the topic."""
_TOLD_GAPS = 5
_ASKING = linear.compile(
    r"^\W*(?:how|what|which|who|where|when|should|tips|tricks|ways|looking for"
    r"|(?:can|could|may|do|does|is|are|will|would) \w+"
    r"|wie|was|welche[rsn]?|wo|kann ich|soll(?:te)? ich|c[oó]mo|qu[eé]|cu[aá]l|puedo|qual|posso|o que|comment"
    r"|quel(?:le)?|puis-je|est-ce que je|quale|come|как|какой|какая|какую|что|можно ли|怎么|如何|什么|どう)\b"
)
"""A question what to do or take, rather than a tale of what went wrong."""

_LEAST_GAPS = 3
"""Two or three words report nothing: they name a thing."""

_SHORT_CHARS = 90
_LONG_CHARS = 320
_MANY_LINES = 4


_MEANING = linear.compile(
    r"^\W*(?:so |ok |hey |hi |pls |please )*(?:wtf (?:is|are)|what(?:'?s| is| are| does)\b|whats\b|explain|define|eli5)"
    r"|\b(?:meaning|means?|stands? for|definition|was (?:ist|sind|bedeute[nt]|hei(?:ss|ß)t)|qu'?est[- ]ce|c'est quoi"
    r"|que significa|cosa (?:vuol dire|significa)|co to)\b|qu[eé] (?:es|son|significa)\b|o que (?:é|são|significa)"
    r"|cos'?è|что (?:такое|значит|означает)|什么是|是什么|什么意思|とは|意味|何ですか|뭐예요|무엇|뭔가요|nedir"
)


def asks_meaning(text: str) -> bool:
    """Whether a text asks what a word means, and nothing that could be done, bought or compared."""
    low = normalise(text[:MAX_READ_CHARS])
    return _has(_MEANING, low) and not _has(_BUYING, low)


def scores(text: str, question: FitQuestion, terms: Sequence[float], errors: Sequence[float]) -> RouteScores:
    """The scores behind `route`, for tests and for showing why."""
    low = normalise(text[:MAX_READ_CHARS])
    w = WEIGHTS
    has_model = bool(question.model or question.model_text)
    named = has_model + bool(question.hardware)
    practical = named > 0 and question.intent in _PRACTICAL
    fit = w["fit_words"] * (practical or _has(_FIT, low))
    fit += w["model_and_hardware"] if named == 2 else w["model_or_hardware"] if named else 0.0
    fit += w["amount"] * bool(question.ram_gib or any(m.memory_gib for m in question.hardware))
    fit += w["quant_or_context"] * (bool(question.quant) + bool(question.n_ctx))
    known = bool(question.ram_gib or question.other_models) or any(mention.id for mention in question.hardware)
    versus = known and (_has(_VERSUS, low) or compares(low[:_LONG_CHARS]))
    fit += w["versus_hardware"] * versus
    asks = _has(_DEFINE, low) and not versus and not practical and not (_has(_BUYING, low) and fit > 0)
    define = w["define_words"] * asks
    has_model_and_more = question.model is not None and low.count(" ") >= _LEAST_GAPS - 1
    kinds_of_error = len({match.group() for match in _ERROR.finditer(low[:4000])})
    fit_details = has_model or question.ram_gib or question.quant or question.n_ctx or question.intent == "speed"
    plain = not (fit_details or versus or kinds_of_error or _has(_FIT, low))
    has_thing = has_model_and_more or (any(mention.id for mention in question.hardware) and not plain)
    short = len(low) <= _SHORT_CHARS and not practical and not has_thing
    define += w["term_found" if asks or short else "term_found_by_topic"] * (terms[0] if terms else 0.0)
    lines = low.count("\n")
    diagnose = w["error_words"] * min(kinds_of_error, 3) + w["hard_error"] * _has(_HARD_ERROR, low)
    diagnose += w["long"] * (len(low) > _LONG_CHARS) + w["lines"] * (lines >= _MANY_LINES)
    trouble = min(sum(errors), 1.0)  # whichever of them it is
    told = trouble >= _TOLD and low.count(" ") >= _TOLD_GAPS
    asking = asks or _has(_ASKING, low)
    told = told and not asking
    behaves = tells_what_it_does(low)
    diagnose += w["report"] * (kinds_of_error > 0 and tells_what_came_of_it(low)) + w["behaves"] * behaves
    if (kinds_of_error > 0 or behaves) and named == 2 and not asks_anything(low) and not _has(_FIT, low):
        fit += w["told_not_asked"]
    complains = kinds_of_error > 0 or diagnose > 0 or told
    signed = bool(errors) and errors[0] >= _SIGNED and not asking and low.count(" ") >= _LEAST_GAPS
    weight = "error_found" if complains else "error_found_by_words" if signed else "error_found_by_topic"
    diagnose += w[weight] * (trouble if told else errors[0] if errors else 0.0)
    return RouteScores(fit, define, diagnose)


def _without_definition(found: RouteScores) -> Route:
    """Where a text goes that asks for a definition nobody has: its second meaning where that is clear, else nowhere."""
    second = max(found.diagnose, found.fit)
    if second < _CLEAR:
        return "other"
    return "diagnose" if found.diagnose == second else "fit"


_CLEAR = 2.0


def _has(pattern: Pattern, text: str) -> bool:
    return pattern.search(text) is not None


def route(text: str, question: FitQuestion, *, terms: Sequence[float] = (), errors: Sequence[float] = ()) -> Route:
    """The route for `text`. `terms` and `errors`: scores in 0..1 of what search found, best first; empty: nothing."""
    found = scores(text, question, terms, errors)
    best = max(found.fit, found.define, found.diagnose)
    if best < _LEAST:
        return "define" if terms and terms[0] >= 0.5 else "other"
    if found.diagnose == best:
        return "diagnose"
    if found.define >= found.fit:
        return "define" if terms else _without_definition(found)
    return "fit"
