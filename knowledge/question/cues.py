"""How people ask for amounts, models and machines in the languages they ask in: patterns over folded text.

Two cues make an intent ("how much" with "memory"; "which" with "model"), so that no phrase of any language need be
listed whole. Latin letters are folded first; the binding's word borders are ASCII's, so other scripts go without.
Which intent wins is intent.py's business.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from knowledge import linear

_FOLD: Final = str.maketrans(
    "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿąćęłńśźżğışőűčďěňřšťůž", "aaaaaaceeeeiiiinoooooouuuuyyacelnszzgisoucdenrstuz"
)

HOW_MUCH: Final = linear.compile(
    r"\b(?:how (?:much|many)|wie ?viele?|cuant[ao]s?|quant[aoie]s?|combien|ile|ne kadar|kac|hoeveel|hur mycket"
    r"|hvor meget|berapa)\b|сколько|多少|多大|どのくらい|どれくらい|どれだけ|何gb|얼마나|몇"
)
MEMORY: Final = linear.compile(
    r"\b(?:v?ram|memor\w*|gb|gigs?|speicher\w*|grafikspeicher|memoire|pamie\w*|bellek|geheugen|minne)\b"
    r"|vram|памят|显存|顯存|内存|メモリ|메모리"
)
NEEDED: Final = linear.compile(
    r"\b(?:need(?:s|ed)?|require(?:d|ments?)?|necessary|minimum|minimal|specs?|brauch\w*|benotig\w*|voraussetzung\w*"
    r"|anforderung\w*|mindest\w*|necesit\w*|requisit\w*|hace falta|precis[aoe]\w*|requer\w*|necessit\w*|besoin"
    r"|faut|configur?ation (?:minimale|requise)|serv(?:e|ono)|richied\w*|occorr\w*|potrzeb\w*|wymaga\w*|gerek\w*|nodig"
    r"|vereis\w*|behov\w*|kravs?|butuh)\b|нужн|требу|требован|必要|需要|要求|配置|スペック|필요|사양"
)
WHICH: Final = linear.compile(
    r"\b(?:which|what|best|good|any|anything|something|recommend\w*|suggest\w*|smartest|strongest|largest"
    r"|biggest|welche\w*|beste\w*"
    r"|empfehl\w*|que|cual(?:es)?|mejor(?:es)?|recomiend\w*|recomend\w*|qua(?:l|is|le|li)|melhor(?:es)?|quel(?:le)?s?"
    r"|meilleure?s?|conseil\w*|miglior\w*|consigli\w*|cosa|jaki\w*|najlepsz\w*|polec\w*|hangi|en iyi|oner\w*|welk\w*"
    r"|vilken|basta|was (?:lauft|kann|passt|soll|geht))\b|как(?:ую|ая|ие|ой)|что|посовету|рекоменд|лучш"
    r"|一番|最も|最好|最强|哪|什么|什麼|推荐|推薦|おすすめ|オススメ|どの|どんな"
    r"|何が|어떤|추천|뭐가|좋은"
)
RECOMMEND: Final = linear.compile(
    r"\b(?:recommend\w*|suggest\w*|empfiehl\w*|empfehl\w*|recomiend\w*|recomend\w*|conseill\w*|consigli\w*|polec\w*"
    r"|oner)\b|посовету|порекоменду|推荐|推薦|おすすめ|オススメ|추천"
)
MODEL: Final = linear.compile(
    r"\b(?:models?|llms?|modell\w*|modelos?|modeles?|modelli|modelu|sprachmodell\w*)\b|модел|нейросет|模型|モデル|모델"
)
MODEL_FOR: Final = linear.compile(
    r"\b(?:models?|llms?|modell\w*|modelos?|modeles?|modelli) (?:for|on|fur|auf|para|en|pour|sur|per|su)\b"
)
RUN: Final = linear.compile(
    r"\b(?:run\w*|use|work\w*|fit\w*|handle|lauf\w*|nutzen|passt|passen|correr|ejecutar|usar|rodar|tourn\w*|utiliser|try|probieren|probar|essayer|testar|provare"
    r"|girare?|gira|usare|uruchom\w*|dziala\w*|calis\w*|draai\w*|kora)\b|запуст|попроб|тяне|работа|跑|运行|運行|動か|動く|使え|돌리|돌릴|쓸만"
)
DIFFERENCE: Final = linear.compile(
    r"\b(?:differences? between|difference|differenc\w* (?:entre|tra|fra)|diferenc\w* (?:entre|de)|unterschied\w*"
    r"|roznic\w*|verschil\w*|fark\w*|compar\w*|vergleich\w*|besser als|mejor que|melhor que|meilleur que|migliore di"
    r"|meglio di|vs\.?|versus)\b|разниц|отлича|лучше чем|сравн|哪[个款张]更|更适合"
    r"|区别|比较|差多少|差距|差别|哪个(?:更)?好"
    r"|違い|どっち|どちら|차이"
)
PICTURES: Final = linear.compile(
    r"\b(?:(?:image|picture|video) generation|generat\w+ (?:an? |some )?(?:images?|pictures?|videos?|art)"
    r"|text.to.(?:image|video)|(?:make|create|draw) (?:an? |some )?(?:images?|pictures?|videos?|art)|stable diffusion"
    r"|sdxl|bilder (?:erzeugen|generieren)|bildgenerierung|gener\w+ (?:des |de )?(?:imag\w+|videos?)"
    r"|gerar (?:imag\w+|videos?))\b"
    r"|генер\p{L}+ (?:картин|изображ|видео)|生成图|图像生成|文生图|画图|绘图|画像生成|動画生成|이미지 생성"
)
SPEECH: Final = linear.compile(
    r"\b(?:tts|stt|asr|speech.to.text|text.to.speech|transcri\w+|dictation|dictate|voice clon\w+|spracherkennung"
    r"|sprachausgabe"
    r"|dictado|dictee|ditado|dettatura)\b|распознаван\p{L}+ реч|озвуч|语音识别|语音合成|文字起こし|音声認識|音声合成"
)
TRAINING: Final = linear.compile(
    r"\b(?:fine[ -]?tun(?:e|ing)|q?lora training|(?:make|making|create|build) (?:a |my |own )*q?lora"
    r"|(?:train|training|trainieren|entrenar|entrainer|treinar|addestrare)"
    r"|ajuste fino|feintuning|feinabstimmung)\b|дообуч|файнтюн|обучить"
    r"|微调|微調|訓練|训练|ファインチューニング|파인튜닝|학습시"
)


LORA: Final = linear.compile(r"\bq?lora\b")
ABOUT_THE_BOT: Final = linear.compile(
    r"^\W*(?:(?:hi|hey|hello|ok|so|hola|hallo|salut|ciao|ola)\W+)?(?:"
    r"(?:are|r) (?:you|u) (?:an? |really |even |just )*(?:chatgpt|gpt\S*|claude|gemini|bot|robot|ai|human|person|real"
    r"|llm|model|local)\b|who (?:are|made|built|created|wrote|runs) (?:you|this bot)\b"
    r"|what (?:are you\W*$|can i ask\b)|what (?:do|can) (?:you|u|this bot) (?:do|know|help with|answer|tell)\b"
    r"|which (?:model|llm) are you\b|how (?:do|does) (?:you|this bot) work\b"
    r"|(?:do|does|will) (?:you|this bot) (?:store|save|keep|log|remember|record|share|sell|train)\b|where do you get"
    r"|where do(?:es)? your (?:numbers?|data|figures|estimates?|prices|answers) come"
    r"|how do you (?:know|compute|calculate|estimate)"
    r"|how (?:accurate|reliable|good|right|exact) (?:are|is) (?:you|your|this bot|these|the) ?"
    r"(?:numbers|figures|estimates|answers|data|predictions|speeds)?\W*$|can i trust (?:you|your|these)"
    r"|bist du|wer bist du|wer hat dich|was kannst du"
    r"|eres (?:un )?(?:bot|robot|chatgpt|humano|ia)|quien eres|que puedes hacer"
    r"|(?:es[- ]tu|tu es) (?:un|chatgpt)|qui es[- ]tu|que (?:sais|peux)[- ]tu faire"
    r"|voce e (?:um|o)|quem e voce|o que voce (?:faz|sabe)"
    r"|sei (?:un )?(?:bot|robot|chatgpt|umano)|chi sei|cosa (?:sai|puoi) fare)"
    r"|^\W*(?:(?:привет|你好)\W+)?(?:ты (?:бот|кто|робот|человек|chatgpt)|кто ты|что ты умеешь"
    r"|你是谁|你是(?:chatgpt|机器人)|你(?:会|能)(?:做|干)什么|あなたは(?:誰|何|chatgpt)|何ができ)"
)


COURTESY: Final = linear.compile(
    r"^\W*(?:(?:hi+|hello|hey+|yo|good (?:morning|afternoon|evening|night)|thanks?(?: you)?|thx|ty|cheers|bye|goodbye"
    r"|nice|great|cool|ok(?:ay)?|lol|hallo|moin|servus|guten (?:morgen|tag|abend)|danke(?: schon)?|tschuss"
    r"|bonjour|salut|bonsoir|merci|hola|buenos dias|buenas(?: tardes| noches)?|gracias|adios"
    r"|ola|oi|bom dia|boa (?:tarde|noite)|obrigad[oa]|ciao|buongiorno|buonasera|grazie"
    r"|привет|здравствуйте|спасибо|добрый (?:день|вечер)|пока|你好|您好|谢谢|多谢"
    r"|こんにちは|こんばんは|ありがとう|안녕|감사)"
    r"(?:\W+(?:there|all|everyone|guys|bot|a lot|so much|very much|again|that (?:helped|worked|was \w+)|it works now"
    r"|works now|to (?:you|all)|mate|friend|viel\w*|sehr|beaucoup|muchas|mil|muito|mille|zusammen|большое"
    r"|ございます))*)+\W*$"
)
ELECTRICITY: Final = linear.compile(
    r"\b(?:electric\w*|power (?:bill|draw|consumption|usage|cost)|watts?|kwh|strom\w*|electricite"
    r"|electricidad|(?:gasta|consume|cuesta|factura|recibo).{0,24} (?:luz|energia)|conta de luz"
    r"|energia eletrica|corrente elettrica)\b"
    r"|электричеств|электроэнерг|электроэнергии|电费|耗电|電気代|전기"
)
DRAWN: Final = linear.compile(
    r"\b(?:costs?|bill|draws?|consum\w*|usage|kost\w+|stromkosten|verbrauch\w*|gasta|cout\w*|custo|costo)\b"
    r"|потребля|费|耗|代"
)
COSTS: Final = linear.compile(
    r"\b(?:costs?|cheaper|pay(?:ing)? for|electric\w*|power (?:bill|draw|consumption|usage)|watts?|kwh|strom\w*|kosten"
    r"|kostet|cout\w*|electricite|luz|electricidad|energia|custo|custa|costo|corrente)\b"
    r"|электричеств|сколько стоит|электроэнерг|电费|耗电|電気代|전기"
)
_COURTESY_CHARS: Final = 60
FOLLOW_UP: Final = linear.compile(
    r"^\W*(?:and|what about|how about|what if|same (?:but|for|with)|then|but (?:with|on|for)|und|wie w[aä]re es mit"
    r"|et (?:avec|sur|si|pour)|y (?:con|en|si|para)|e (?:com|no|na|se|con|su|per|para)|en (?:met|op)|a (?:z|na|jak z)"
    r"|ve|peki)\b"
    r"|^\W*(?:那|换成|じゃあ|では|그럼|그러면|а (?:с|на|если|для) |и (?:с|на) )"
)
POINTING_BACK: Final = linear.compile(
    r"\b(?:(?:smaller|bigger|larger|other|first|second|last|same|new|old|cheaper|faster|that|this) one|it|that|those"
    r"|them|das|damit|celui|celle|ese|esa|quello|quella|esse|essa|die andere|der andere|das andere)\W*$"
)
_FOLLOW_UP_WORDS: Final = 7


@lru_cache(maxsize=64)
def fold(text: str) -> str:
    """`text` (in normal form) with the accents of Latin letters gone; as many characters as before."""
    return text if text.isascii() else text.translate(_FOLD)


def asks_how_much(text: str) -> bool:
    """Whether a text asks how much memory or what else something takes ("cuánta vram", "was braucht", "配置")."""
    low = fold(text)
    memory = MEMORY.search(low) is not None
    return memory and (HOW_MUCH.search(low) is not None or NEEDED.search(low) is not None)


def asks_for_a_model(text: str) -> bool:
    """Whether a text that names hardware and no model asks which to take ("qué modelo", "was läuft gut", "模型")."""
    low = fold(text)
    if RECOMMEND.search(low) is not None or MODEL_FOR.search(low) is not None:
        return True
    return WHICH.search(low) is not None and (MODEL.search(low) is not None or RUN.search(low) is not None)


def compares(text: str) -> bool:
    """Whether a text sets things side by side."""
    return DIFFERENCE.search(fold(text)) is not None


def asks_to_train(text: str) -> bool:
    """Whether a text asks about training or fine-tuning, which no figure for running a model answers."""
    low = fold(text.lower())
    return TRAINING.search(low) is not None or (LORA.search(low) is not None and asks_how_much(low))


def asks_about_the_bot(text: str) -> bool:
    """Whether a text asks who is speaking, or what it may be asked."""
    return ABOUT_THE_BOT.search(fold(text.lower())) is not None


def asks_for_pictures(text: str) -> bool:
    """Whether a text asks about making pictures or video, which no language model does."""
    return PICTURES.search(fold(text.lower())) is not None


def asks_for_speech(text: str) -> bool:
    """Whether a text asks about hearing or speaking."""
    return SPEECH.search(fold(text.lower())) is not None


def asks_costs(text: str) -> bool:
    """Whether a text asks what running costs, which no memory or speed answers."""
    return COSTS.search(fold(text.lower())) is not None


def asks_for_electricity(text: str) -> bool:
    """Whether a text asks how much current something draws, or what that costs."""
    low = fold(text.lower())
    return ELECTRICITY.search(low) is not None and (HOW_MUCH.search(low) or DRAWN.search(low)) is not None


def is_courtesy(text: str) -> bool:
    """Whether a text is a greeting or thanks and asks nothing."""
    return len(text) <= _COURTESY_CHARS and COURTESY.search(fold(text.lower())) is not None


def is_follow_up(text: str) -> bool:
    """Whether a text goes on from a question before it ("and with 32k?"), which nobody here remembers."""
    return len(text.split()) <= _FOLLOW_UP_WORDS and FOLLOW_UP.search(fold(text.lower())) is not None


def points_back(text: str) -> bool:
    """Whether a text goes on from a question before it and ends with a word for something said there."""
    return is_follow_up(text) and POINTING_BACK.search(fold(text.lower())) is not None


WISH: Final = linear.compile(
    r"\b(?:uncensored|nsfw|abliterated|role-?play\w*|rp|erp|stor(?:y|ies)|novels?|creative|writing|poems?|translat\w+"
    r"|german|french|spanish|italian|portuguese|dutch|polish|turkish|russian|chinese|japanese|korean|arabic|hindi"
    r"|multilingual|legal|lawyer|medical|doctor|tool.calling|function calling|agents?|agentic|summari[sz]\w+|json"
    r"|unzensiert|rollenspiel|geschichten|ubersetz\w+|deutsch\w*|sin censura|sem censura|sans censure|tradu\w+"
    r"|histoires?|historias?|cuentos|francais|espanol|portugues|italiano|polsk\w*|po polsku|turkce)\b"
    r"|без цензур|ролев|перевод|рассказ|по-русски|русск|无审查|角色扮演|翻译|写作|小说|中文|日本語|翻訳|小説"
    r"|ロールプレイ|한국어|번역|소설"
)


def wishes_what_is_not_ranked(text: str) -> bool:
    """Whether a text wants a model for what no figure here tells: a language, stories, no refusals, tools."""
    return WISH.search(fold(text.lower())) is not None
