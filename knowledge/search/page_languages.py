"""The ideas of page_lexicon.py in more languages and inflections, and those of use and buying alone.

Data only. A way that ends in `*` is the beginning of a word: languages that bend their words are written so. The others
are whole words or phrases; those of scripts without spaces may stand anywhere. Accents do not matter.
"""

from __future__ import annotations

from typing import Final

MORE_IDEAS: Final[dict[str, str]] = {
    "+choose": (
        "kiezen|kies|kiest|goed|goede|welk|welke|aanraden|aanrader|wybrać|wybier*|wybór|polec*|najleps*|jaki|jaka|"
        "jakie|jaką|jakiego|który|która|które|którą|dobry|dobra|hangi|hangisi|hangisini|seç*|öner*|en iyi|nehme|"
        "nimmt|elija*|elegir*|conviene|consigli*|scelta|quali|выбр*|выбир*|посовет*|рекоменд*|用什么|哪些|什么好|"
        "买哪|何を|골라|뭐가|어느|좋은|나은|나아"
    ),
    "+fast": (
        "snel|sneller|snelst|versnellen|szybk*|przyspiesz*|prędkoś*|hızlı|hızlan*|hızı*|beschleunig*|accélér*|"
        "aceler*|veloc*|vitesse|rapid*|ускор*|быстр*|скорост*|快|速度|提速|速い|スピード|빨리|속도|빠른"
    ),
    "+slow": (
        "traag|trager|langzaam|woln*|powoln*|zamula|muli|yavaş*|lent*|langsam*|schleppend|rallent*|медлен*|тормоз*|"
        "慢|遅|느리|느려|느린|굼뜨"
    ),
    "+cost": (
        "goedkoop|goedkoper|duur|duurder|prijs|kost|tani*|taniej|drog*|drożej|cena|cenę|koszt*|ucuz*|pahalı*|"
        "fiyat*|maliyet*|billig*|günstig*|preis*|moins cher|prix|barat*|precio*|econom*|prezz*|cost*|дешев*|дорог*|"
        "стоимост*|цен*|便宜|划算|省钱|贵|得|安い|高い|コスト|싼|싸게|비싸|저렴|비용"
    ),
    "+private": (
        "privé|gegevens|gesprekken|lezen|meelezen|prywatn*|dane|danych|podgląda*|gizli*|veriler*|verim*|mahrem*|"
        "daten|vertraulich*|mitlesen|privat*|données|conversations|confidential*|datos|conversacion*|espía*|dados|"
        "conversas|dati|riservat*|riservatezza|spiare|приват*|конфиденц*|данны*|утеч*|переписк*|数据安全|隐私|保密|"
        "泄露|情報漏|漏れ|データ|개인정보|데이터|보안|유출"
    ),
    "+begin": (
        "beginnen|beginner|starten met|zacząć|zaczyn*|początkując*|od czego|başla*|acemi|yeni başl*|anfang*|"
        "einsteig*|neuling|début*|commenc*|empez*|comenz*|principiant*|começ*|iniciant*|comincio|cominci*|inizi*|"
        "начать|начина*|новичк*|入门|新手|从哪|初心者|始める|始め|初めて|시작|입문|초보"
    ),
    "+phone": (
        "telefoon|mobiel|telefon*|komórk*|smartfon*|cep telefon*|akıllı telefon*|cellulare|móvil*|celular*|телефон*"
    ),
    "+voice": (
        "spraak*|voorlezen|mow*|mowę|głos*|transkry*|sesi|sesli|konuşma*|spracherk*|sprech*|vocal*|voix|dictée|voz|"
        "dictad*|ditad*|voce|dettatur*|голос*|реч*|озвуч*|распознава*|语音|朗读|转写|音声|文字起こし|読み上げ|음성|"
        "목소리|받아쓰기"
    ),
    "+picture": (
        "afbeelding*|plaatje*|foto's|obraz*|zdjęci*|grafik ai|wideo|resim*|görsel*|görüntü*|video üret*|bild*|"
        "imag*|dessin*|immagin*|картин*|изображ*|видео|фото|рисов*|图片|画图|绘图|视频|生图|画像|動画|イラスト|"
        "이미지|그림|영상"
    ),
    "+papers": (
        "documenten|documentje|papieren|dokument*|plikami|notatk*|książk*|belge*|döküman*|doküman*|unterlagen|"
        "documents|documentos|documenti|apuntes|appunti|anotações|документ*|книг*|заметк*|файлами|文档|资料|知识库|"
        "文書|書類|資料|문서|자료"
    ),
    "+editor": "vscode|vs code|vs-code|visual studio|copilot|cursor|continue.dev|zed",
    "+network": (
        "netwerk|andere computer|ander apparaat|sieci|sieć|innego komputera|ağ|ağdan|başka bilgisayar*|"
        "anderen rechner*|anderes gerät|autre ordinateur|autre pc|otro ordenador|otra computadora|outro computador|"
        "outro pc|altro computer|altro pc|с другого|другого компьютера|по сети|另一台|其他设备|其他电脑|别的电脑|"
        "別のpc|他のpc|ほかの|다른 컴퓨터|다른 기기"
    ),
    "+rent": (
        "huren|huur|wynaj*|kirala*|miet*|louer|loue|alquil*|alug*|noleggi*|affitt*|аренд*|снимать|租|借りる|借り|"
        "レンタル|대여|빌리|렌탈"
    ),
    "+lately": (
        "nieuwe|nieuw|nieuwste|laatste|uitgekomen|nowe|nowy|nowości|ostatnio|wyszł*|yeni|son çıkan|çıktı|çıkan|"
        "neue|neues|neu|nouveau*|nouvel*|sorti*|nuev*|novedad*|salido|salieron|salió|novidade*|lançad*|lançament*|"
        "novità|uscit*|новинк*|новог*|вышл*|недавн*|свеж*|新模型|新出|最近|最新|新しい|出た|新モデル|새로|최근|"
        "최신|나온"
    ),
    "+two": (
        "twee|tweede|dubbele|dwie|dwa|dwóch|druga|drugą|drugiej|obie|iki|ikinci kart|çift|zweiten|zweiter|beiden|"
        "deuxième|seconde|segunda tarjeta|ambas|segunda placa|duas|seconda|entrambe|две|двух|второй|вторую|обе|"
        "两块|两张|双卡|第二张|2枚|二枚|두 장|두장|두 개|2장"
    ),
    "+train": (
        "trainen|fijnaf*|trenow*|dotrenow*|wytrenow*|uczyć|eğit*|trainier*|antrain*|entrain*|entren*|trein*|"
        "addestr*|обуч*|дообуч*|тренир*|微调|训练|調教|学習|ファインチューニング|학습|파인튜닝|훈련"
    ),
    "+need": (
        "nodig|heb ik|potrzeb*|trzeba|wymag*|gerek*|lazım|ihtiyaç|benötig*|brauch*|nécess*|besoin|faut|necesit*|"
        "hace falta|preciso|precisa|precisamos|servono|serve|occorr*|нужн*|надо|понадоб*|требу*|够|要多少|必要|"
        "足りる|필요|충분"
    ),
    "+without": (
        "zonder|geen|bez|nie mam|brak|olmadan|yok|pas de|n'ai pas|no tengo|não tenho|non ho|нет|без|没|无|なしで|없는"
    ),
    "+convert": (
        "omzetten|konwert*|przerobić|dönüştür*|umwand*|konvertier*|convert*|превра*|конверт*|转成|转换|変換|변환|바꾸는"
    ),
    "+context": (
        "contextvenster|kontekst*|bağlam*|kontextfenster|contexte|контекст*|上下文|コンテキスト|컨텍스트|문맥"
    ),
    "+longer": (
        "vergroten|verhogen|groter|langer|zwiększ*|większ*|dłuższ*|wydłuż*|artır*|uzat*|daha uzun|erhöh*|"
        "vergrößer*|agrand*|augment*|aument*|ampli*|увелич*|больш*|длинн*|加长|调大|增大|増やし|伸ばす|늘리|키우"
    ),
    "+stop": (
        "stop|stopping|quit|close|shut down|turn off|kill|exit|stoppen|afsluiten|beenden|schließen|ausschalten|"
        "abschalten|arrêter|fermer|éteindre|détener|detener|parar|cerrar|apagar|fechar|desligar|fermare|chiudere|"
        "spegnere|zatrzym*|wyłącz*|zamkn*|kapat*|durdur*|останов*|закры*|выключ*|отключ*|关闭|停止|退出|关掉|"
        "止める|終了|閉じ|끄는|종료|멈추|끄기"
    ),
    "+think": (
        "think|thinking|reasoning|thoughts|nadenken|denken|denkt|denkmodus|nachdenken|réfléch*|raisonn*|pensar|"
        "piensa|pensamiento|razon*|pensamento|ragion*|pensare|pensiero|myśl*|düşün*|рассужд*|размышл*|думает|"
        "думать|思考|推理过程|考える|推論|생각|추론"
    ),
    "+update": (
        "update|updating|upgrade to the newest|bijwerken|updaten|aktualisier*|mettre à jour|mise à jour|actualiz*|"
        "atualiz*|aggiorn*|zaktualiz*|aktualiz*|güncelle*|обнов*|升级|更新|アップデート|更新する|업데이트"
    ),
    "+stored": (
        "store|stores|stored|storage|keep|keeps|saved|folder|where are my models|opgeslagen|opslaan|gespeichert|"
        "speicherort|ordner|stocké*|emplacement|dossier|guard*|carpeta|almacen*|armazen*|pasta|salvat*|cartella|"
        "przechow*|folder*|zapisan*|klasör*|saklan*|kayded*|nerede dur*|хран*|лежат|папк*|存在哪|保存位置|存放|"
        "目录|保存先|保存場所|フォルダ|저장|폴더|위치"
    ),
    "+business": (
        "commercial|commercially|company|business|customers|sell|bedrijf|zakelijk|commercieel|verkopen|"
        "kommerziell*|gewerblich*|firma|unternehmen|kunden|verkaufen|entreprise|clients|vendre|société|comercial*|"
        "empresa*|vender|clientes|azienda|commerciale|commerciali|vendere|clienti|komercyj*|firmie|sprzeda*|"
        "ticari*|şirket*|satmak|коммерч*|компани*|бизнес*|продавать|商用|商业|公司|商用利用|会社|ビジネス|상업|"
        "회사|사업"
    ),
    "+allowed": (
        "allowed|may|legal|license|licence|permitted|mag ik|toegestaan|licentie|darf|erlaubt|lizenz*|autorisé|"
        "droit|permitid*|licencia|licença|consentit*|permess*|licenza|legale|wolno|dozwol*|licencj*|izin*|lisans*|"
        "можно ли|разреш*|лиценз*|许可|允许|可以商用|ライセンス|許可|라이선스|허용"
    ),
    "+card": (
        "gpu|gpus|card|cards|graphics card|graphics cards|video card|grafikkarte*|videokaart*|grafische kaart|"
        "carte graphique|cartes graphiques|tarjeta|tarjetas|tarjeta gráfica|placa de vídeo|placa|placas|"
        "scheda video|scheda grafica|schede|schede video|kart*|karty|kartę|karta|видеокарт*|карт*|显卡|顯卡|グラボ|"
        "グラフィック|그래픽"
    ),
    "+processor": (
        "cpu|processor|prozessor*|processeur|procesador|processador|processore|procesor*|işlemci*|процессор*|"
        "处理器|プロセッサ|프로세서"
    ),
    "+server": (
        "server|servers|serwer*|sunucu*|serveur*|servidor*|сервер*|服务器|伺服器|サーバ|서버|tesla|mining|mineria"
    ),
    "+old": (
        "old|older|used card|used gpu|used one|buy used|a used|second-hand|second hand|refurbished|ebay|oude|"
        "tweedehands|gebruikt*|gebraucht*|alte|alten|alter|vieux|vieille|vieilles|occasion|d'occasion|viej*|"
        "segunda mano|usad*|velh*|vecchi*|usat*|stary|stara|stare|starych|starą|używan*|eski|ikinci el|стар*|б/у|"
        "бу|подержан*|二手|老|旧|古い|中古|오래된|중고"
    ),
    "+worth": (
        "worth|worthwhile|pays off|waard|de moeite|lohnt|lohnen|wert|vaut|valent|le coup|merece|vale la pena|"
        "vale a pena|compensa|conviene|convengono|ne vale|warto|opłaca*|değer*|mantıklı|стоит ли|имеет смысл|值得|"
        "值不值|价值|買い|価値|살 만|살만|가치|괜찮"
    ),
    "+buy": (
        "buy|buying|purchase|kopen|koop|kaufen|kaufe|anschaffen|acheter|achat|comprar|compro|comprare|acquistare|"
        "kupić|kupi*|kupow*|satın al*|alınır|almaya|alayım|alsam|almalı*|купить|покуп*|брать|взять|买|购买|購入|"
        "買う|買え|買い|사야|살까|구매|구입"
    ),
    "+matter": (
        "matter|matters|important|importance|influence|affect|affects|impact|belangrijk|uitmaken|invloed|wichtig|"
        "spielt eine rolle|einfluss|egal|important*|importe|importa|influ*|afecta|afeta|conta|znaczen*|ważn*|"
        "wpływ*|önemli*|etkil*|fark eder|важн*|влия*|имеет значение|影响|重要|有关系|影響|중요|영향|상관"
    ),
    "+useful": (
        "useful|use of|good for|nuttig|zin|nützlich*|bringt|sinnvoll|utile|sert à|sirve|útil|utili*|serve a|"
        "przydat*|przydaje|yarar*|işe yarar|полез*|нуж*|толк|有用|用处|役に立|意味|유용|쓸모|도움"
    ),
    "+together": (
        "mix|combine|together|different|samen|combineren|verschillende|kombinier*|mischen|verschieden*|zusammen|"
        "combiner|mélanger|ensemble|différent*|combin*|mezcl*|juntas|distint*|juntar|mistur*|diferente*|insieme|"
        "divers*|łącz*|razem|różne|birlikte|farklı|karıştır*|вместе|смеш*|разные|разных|混用|混插|混合|一起|混ぜ|"
        "混在|一緒|섞어|함께|같이"
    ),
    "+power": (
        "power|electricity|watt|watts|kwh|psu|power supply|stroom|voeding|strom*|netzteil*|électricité|"
        "alimentation|consomm*|electric*|luz|fuente de|consumo|fonte|energia|corrente|alimentatore|bolletta|prąd*|"
        "zasilacz*|elektrik*|güç kaynağı|электр*|блок питания|ватт|потребл*|电源|电费|耗电|功率|瓦|電源|電気代|"
        "消費電力|ワット|전기|전력|파워|와트"
    ),
    "+program": (
        "script|program|programme|python|code calls|endpoint|aufrufen|ansprechen|ansteuern|mein programm|"
        "mon programme|mon script|mi programa|mi script|meu programa|mio programma|mój program|programım*|"
        "kendi program*|из кода|из программы|из скрипта|скрипт*|程序调用|代码调用|接口|プログラムから|スクリプト|"
        "코드에서|프로그램에서"
    ),
    "+coding": (
        "coding|programming|programmer|developer|programmeren|programmier*|coder|développ*|programar|programación|"
        "programação|programmare|programowan*|kodow*|kodlama|yazılım|программиров*|кодинг*|кода|коде|编程|代码|"
        "写代码|コーディング|プログラミング|코딩|개발"
    ),
    "+generate": (
        "generation|generate|generating|output|answers|genereren|generier*|antworten|génération|générer|réponses|"
        "generación|generar|respuestas|geração|gerar|respostas|generazione|generare|risposte|generow*|odpowiedz*|"
        "üretim|cevap*|генер*|ответ*|生成|输出|回答|出力|생성|답변"
    ),
    "+offline": (
        "offline|internet|airplane mode|zonder internet|ohne internet|sans internet|sin internet|sem internet|"
        "senza internet|bez internetu|internetsiz|çevrimdışı|без интернета|офлайн|离线|断网|联网|オフライン|"
        "ネットなし|インターネット|오프라인|인터넷"
    ),
    "+away": (
        "send|sends|leave|leaves|leaks|verlaten|verstuurt|blijven|bleiben|verlassen|gesendet|restent|sortent|"
        "envoy*|salen|envía*|quedan|saem|enviad*|ficam|escono|inviat*|restano|wysył*|zostają|gönder*|kalıyor|"
        "уходят|отправл*|остаются|上传|外传|送られ|外に|전송|나가"
    ),
    "+split": (
        "split|partial|partly|partially|part of|offload|layers|verdelen|deels|aufteil*|teilweise|auslager*|"
        "schichten|répart*|partie|couches|repart*|parte|capas|dividir|camadas|dividere|strati|podziel*|częś*|"
        "warstw*|böl*|katman*|част*|слои|слоёв|слоев|выгруз*|一部分|部分|分层|一部|レイヤー|일부|나눠"
    ),
    "+easy": (
        "easy|easiest|simple|simplest|makkelijk*|eenvoudig*|einfach*|leicht|facile|simple*|fácil*|sencill*|"
        "semplic*|łatw*|prost*|kolay*|basit|прост*|легк*|简单|容易|簡単|쉬운|간단"
    ),
    "+bits": (
        "quantis*|quantiz*|quant|quants|quantisatie*|kwantyz*|kuantiz*|niceml*|cuantiz*|quantific*|квант*|量化|"
        "量子化|양자화"
    ),
    "+dense": "dense|dicht|dichtes|dicht*|densa|denso|denses|gęst*|yoğun|плотн*|稠密|密集|密モデル|デンス|밀집",
    "+big": (
        "bigger|larger|big|large|groter|groot|grote|größer*|groß*|grand*|gros|gross*|grande|mayor|maior|duż*|"
        "większ*|büyük*|больш*|круп*|大|大きい|큰"
    ),
    "+small": (
        "smaller|small|kleiner|klein*|petit*|pequeñ*|menor|pequen*|piccol*|mniejsz*|mały|mała|małe|küçük*|маленьк*|"
        "меньш*|小|小さい|작은"
    ),
    "+language": (
        "german|french|spanish|italian|portuguese|dutch|polish|turkish|russian|chinese|japanese|korean|english|"
        "deutsch*|französisch*|englisch*|français|anglais|español|inglés|português|inglês|italiano|inglese|"
        "nederlands|engels|polsk*|angielsk*|türkçe|ingilizce|русск*|английск*|中文|英文|日本語|英語|한국어|영어|"
        "말로"
    ),
    "+wrong": (
        "wrong|falsche*|falsch|mauvaise|equivocad*|incorrect*|errad*|sbagliat*|zły|złym|yanlış|не на том|错误的|"
        "違う|다른 언어"
    ),
    "+install": (
        "install|installing|installation|installer|installieren|installiere|einricht*|instal*|configur*|kurul*|"
        "kurma*|kurar*|zainstal*|instalow*|установ*|настро*|安装|部署|インストール|導入|설치"
    ),
    "+download": (
        "download|downloads|downloaded|downloading|get a model|downloaden|herunterlad*|heruntergelad*|télécharg*|"
        "descarg*|bajar|bajo un|baixar|baixo|baixad*|scaric*|pobra*|pobier*|pobran*|indir*|скач*|загрузить|下载|"
        "ダウンロード|다운로드|내려받"
    ),
    "+agent": (
        "agent|agents|agentic|cline|aider|claude code|opencode|codex|roo code|kilo code|openhands|agente|agenten|"
        "агент*|智能体|エージェント|에이전트|클로드 코드"
    ),
}
"""Idea → more ways of saying it, separated by `|`."""
