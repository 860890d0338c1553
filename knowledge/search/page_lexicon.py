"""Ideas in which questions about buying, choosing and using models are put, and the words for them in many languages.

Data only. What goes wrong is in lexicon.py; these are the ideas of guides and quick answers, on both sides of whose
comparison they stand for all their words. Accents do not matter; words are whole, those of scripts without spaces may
stand anywhere.
"""

from __future__ import annotations

from typing import Final

PAGE_IDEAS: Final[dict[str, str]] = {
    "+choose": (
        "choose|choosing|pick|picking|select|take|prefer|recommend|recommended|recommendation|suggest|suggestion|"
        "best|good|right|which|nehmen|wählen|auswählen|empfehlen|empfehlung|beste|bestes|bester|richtige|welche|"
        "welcher|welches|choisir|prendre|recommander|meilleur|meilleure|quel|quelle|elegir|elijo|escoger|"
        "recomendar|mejor|cuál|qué|escolher|melhor|qual|scegliere|scelgo|consigliare|migliore|quale|выбрать|"
        "взять|лучше|лучшая|лучший|лучшие|какой|какая|какую|какие|选|選|推荐|推薦|哪个|哪個|哪款|おすすめ|"
        "オススメ|どれ|どの|いい|추천|어떤"
    ),
    "+fast": (
        "fast|faster|speed|quick|quicker|quickly|accelerate|speedup|rapid|schneller|schnell|beschleunigen|"
        "accélérer|vite|rapide|accelerer|acelerar|rápido|veloz|accelerare|veloce|ускорить|быстрее|скорость|更快|"
        "加速|加快|速く|高速化|빠르게"
    ),
    "+cost": (
        "cheap|cheaper|cheapest|price|prices|cost|costs|expensive|money|pay|save|afford|bill|billig|billiger|"
        "kosten|kostet|günstig|günstiger|teuer|prix|cher|coûte|coute|barato|barata|precio|caro|preço|custa|"
        "prezzo|costa|economico|цена|дешевле|дорого|стоит|便宜|价格|价钱|花费|省钱|安い|値段|料金|비용|가격"
    ),
    "+private": (
        "private|privacy|privately|leak|leaks|secret|spy|telemetry|confidential|privat|datenschutz|vertraulich|"
        "privé|privées|confidentiel|privado|privados|privacidad|privacidade|privato|приватные|приватность|"
        "конфиденциально|隐私|上传|外传|泄露|プライバシー|外部に|프라이버시"
    ),
    "+begin": (
        "beginner|beginners|noob|newbie|start|started|starting|begin|first|introduction|anfangen|einstieg|"
        "anfänger|beginnen|débuter|débutant|commencer|empezar|principiante|comenzar|começar|iniciante|cominciare|"
        "principianti|начать|новичок|новичку|新手|入门|开始|小白|初心者|始め|입문|처음"
    ),
    "+phone": (
        "phone|mobile|android|iphone|smartphone|tablet|ipad|handy|téléphone|móvil|celular|telefono|телефон|"
        "телефоне|手机|スマホ|휴대폰|폰에서"
    ),
    "+voice": (
        "voice|speech|audio|speak|talk|spoken|transcribe|transcription|transcript|dictate|dictation|narrate|"
        "sprache|stimme|vorlesen|diktieren|voix|parole|transcrire|voz|transcribir|transcrever|voce|trascrivere|"
        "голос|речь|语音|语音识别|音声|文字起こし|음성"
    ),
    "+picture": (
        "image|images|picture|pictures|photo|photos|draw|drawing|art|artwork|video|videos|sdxl|bild|bilder|"
        "dessin|imagen|imágenes|imagem|imagens|immagini|картинки|картинок|изображения|видео|图片|画图|绘图|视频|"
        "画像|動画|이미지|그림"
    ),
    "+papers": (
        "pdf|pdfs|document|documents|docs|book|books|notes|paper|papers|dokument|dokumente|documento|documentos|"
        "documenti|livres|документы|документам|文档|文件问答|知识库|文書|資料|문서"
    ),
    "+editor": (
        "vscode|vs-code|ide|editor|copilot|cursor|jetbrains|intellij|neovim|autocomplete|autocompletion|编辑器|エディタ"
    ),
    "+network": (
        "network|lan|remote|remotely|wifi|house|home|other devices|server|family|share|access|heimnetz|netzwerk|"
        "réseau|red local|rede|rete|сеть|сети|局域网|内网|远程|ネットワーク|네트워크"
    ),
    "+rent": (
        "rent|rented|renting|rental|hire|lease|runpod|vast.ai|vast|lambda|mieten|louer|alquilar|alugar|"
        "affittare|аренда|арендовать|租|レンタル|렌탈"
    ),
    "+lately": (
        "latest|newest|recent|recently|lately|came out|coming out|released|releases|news|week|month|today|"
        "neueste|neuesten|erschienen|récents|derniers|sortir|sortis|nuevos|últimos|salido|novos|saíram|nuovi|"
        "usciti|saiu|salió|sorti|новые|вышли|最新|最近|新出|新しい|최신|새로"
    ),
    "+two": (
        "two|dual|both|second|2x|multiple|several|zwei|zweite|beide|deux|dos|duas|dois|due|две|два|вторая|两张|"
        "双卡|多卡|2枚|複数|두 개"
    ),
    "+train": (
        "train|training|trained|finetune|finetuning|fine-tune|fine-tuning|fine tune|fine tuning|lora|qlora|"
        "trainieren|feintuning|entraîner|entrenar|treinar|addestrare|обучить|дообучить|дообучение|微调|训练|"
        "学習させ|ファインチューニング|파인튜닝"
    ),
    "+need": (
        "need|needs|require|required|requirements|necessary|brauche|braucht|benötige|besoin|faut|necesito|"
        "necesita|preciso|precisa|serve|нужно|нужна|нужен|需要|必要|필요"
    ),
    "+without": (
        "without|no|none|lacking|only cpu|cpu only|ohne|kein|keine|sans|sin|sem|senza|без|没有|無し|なし|なくても|없이"
    ),
    "+convert": (
        "convert|converting|conversion|make|create|turn into|umwandeln|konvertieren|convertir|converter|"
        "convertire|конвертировать|转换|变换|変換|변환"
    ),
    "+slow": (
        "slow|slower|slowly|sluggish|crawl|crawls|crawling|langsam|langsamer|lahm|lent|lente|lents|lento|lenta|lentos|"
        "devagar|lentement|lentamente|lentamento|медленно|медленный|тормозит|慢|很慢|遅い|遅く|느려|느린"
    ),
    "+context": (
        "context|ctx|num_ctx|kontext|kontextlänge|contexte|contexto|contesto|контекст|контекста|контекстное|上下文|"
        "コンテキスト|컨텍스트"
    ),
    "+longer": (
        "increase|raise|longer|bigger|larger|extend|more|expand|erhöhen|vergrößern|größer|länger|"
        "augmenter|agrandir|agrandar|aumentar|aumentare|"
        "увеличить|加大|增加|扩大|長く|増やす|늘리"
    ),
}
"""Idea → the ways of saying it, separated by `|`."""

PAGE_STOP_WORDS: Final = (
    "please just really actually maybe also still always anyway somehow kind sort thing things way ways lot "
    "yesterday today tomorrow now since already yet again time everything something anyone someone people hi hello "
    "hey thanks guys folks bitte eigentlich gerade schon immer noch mal dann damit dafür davon dazu hier dort heute "
    "gestern morgen jetzt seit kann können soll sollte muss will würde möchte habe hat haben gibt geht machen mache "
    "macht tun stelle stellen welches eigenen eigener eigenes euch ihr uns man etwas alles viel leute depuis "
    "aujourdhui demain maintenant faire fait fais faut peut peux puis dois veux voudrais avoir être suis sont cela "
    "ça celui cette ces leur nous vous on tout tous plus très bien chez si ou où donc alors ayer hoy mañana ahora "
    "desde hago hace hacer haga puedo puede puedes quiero debo tengo tiene hay ser estar soy está esto esta este "
    "eso todo todos muy más ya también sólo al del me te le nos que o u a donde algo ontem hoje amanhã agora faço "
    "fazer faz posso pode quero devo tenho tem há sou isto tudo muito mais já também só ao lhe se onde pra pro numa "
    "num ieri oggi domani adesso ora da faccio fare fa può puoi voglio ho ha hanno c'è essere sono è questo questa "
    "tutto molto più già anche solo mi ti ci dove qualcosa i gli uno una per nel nella sul sulla con вчера сегодня "
    "завтра сейчас теперь делать сделать делаю могу можно может хочу надо есть был быть это этот эта всё все очень "
    "еще уже тоже только ли бы же мне меня нас вас себе себя ваш свой при до от за о об "
)
"""Words that say nothing of what a question is about, besides those that no matcher reads; separated by spaces."""

FOREIGN_MARKS: Final = (
    "wie ist der das ein eine einen mit auf ich mein meine meinem nicht kann welche welches welcher warum soll "
    "läuft mir zum zur und oder gibt wird el los las una cómo como para con mi mis en es está cuál puedo qué por "
    "tengo hay sobre le les des est une avec sur dans mon ma mes quel quelle comment puis peut pas que qui ce il "
    "lo gli che come mio mia quale posso della sono meglio os um uma com meu minha qual dá pra não na da het een "
    "voor met op mijn welk welke hoe kan ik wat zijn jak czy mój moja mam jaki jaka który jest mogę się co bir "
    "için ile nasıl hangi benim bu ne var waarom zo dat deze naar uit bij ook maar heb heeft dit wordt moet mag "
    "nog dan nu zonder gaat gebruiken dlaczego tak ale jestem przy od po dla tylko już bardzo moim moich czym "
    "gdzie przez lub albo jako neden çok daha ama gibi sonra olarak kadar niye nedir mı mu mü musun benimle bunu "
    "şu olur olan yok perché mai così anche però quando dove cosa questo questa miei tuo nel nella delle degli "
    "tanto mette rispondere porque tan muy pero cuando donde este esta estos esas sus del uno quiero hacer algo "
    "mucho lea então isso esse essa meus minhas pelo pela muito fica fazer quero tenho obwohl immer nur auch "
    "schon noch aber wenn dann damit mehr sehr meinen aus nach zu vom hat habe pourquoi toujours aussi très "
    "quand cette ces ses leur faire fait peux veux "
)
"""Little words that no English question has: who writes them asks in another language."""
