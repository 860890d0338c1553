"""How people say what goes wrong in other languages than English: more ways to say the concepts of lexicon.py.

Data only: German, French, Spanish, Portuguese, Russian, Chinese, Japanese, Korean. Accents do not matter; both sides
are folded.
"""

from __future__ import annotations

from typing import Final

FOREIGN_CONCEPTS: Final[dict[str, str]] = {
    "@oom": (
        "zu wenig speicher|speicher reicht nicht|speicher voll|kein speicher mehr|nicht genügend arbeitsspeicher|"
        "passt nicht in den speicher|passt nicht in den vram|vram reicht nicht|zu wenig vram|mémoire insuffisante|"
        "pas assez de mémoire|plus de mémoire|manque de mémoire|mémoire pleine|sin memoria|falta de memoria|"
        "memoria agotada|no hay suficiente memoria|memória insuficiente|sem memória|falta memória|не хватает памяти|"
        "недостаточно памяти|нехватка памяти|кончилась память|мало памяти|не хватает видеопамяти|メモリ不足|"
        "メモリが足りない|vram不足|メモリ足りません|메모리 부족|메모리가 부족|显存不夠|記憶體不足|显存爆了|内存爆了"
    ),
    "@slow": (
        "sehr langsam|zu langsam|extrem langsam|langsamer|dauert ewig|dauert sehr lange|kriecht|lahm|lent|lente|"
        "très lent|trop lent|lentement|ralenti|muy lento|lenta|demasiado lento|tarda mucho|va lento|muito lento|"
        "devagar|demora muito|медленно|медленный|тормозит|очень медленно|медленнее|долго|遅い|遅く|遅すぎ|とても遅い|"
        "느려요|느리다|느림|너무 느려|变慢了|好慢|卡顿"
    ),
    "@hang": (
        "hängt|hängt sich auf|friert ein|eingefroren|reagiert nicht|bleibt hängen|antwortet nicht|bloqué|bloque|fige|"
        "figé|ne répond plus|ne répond pas|se cuelga|colgado|se congela|no responde|trava|travado|não responde|"
        "congela|зависает|завис|зависло|не отвечает|виснет|固まる|フリーズ|応答しない|止まる|멈춤|멈춰요|응답 없음|"
        "没反应|不响应"
    ),
    "@crash": (
        "stürzt ab|abgestürzt|abstürzt|beendet sich|plante|planté|plantage|s'arrête|se ferme|se cierra|"
        "falla y se cierra|se bloquea|fecha sozinho|cai|quebra|падает|вылетает|упал|крашится|аварийно|クラッシュ|"
        "落ちる|強制終了|충돌|꺼져요|强制退出|自动退出"
    ),
    "@gibberish": (
        "zeichensalat|unsinn|kauderwelsch|wirres zeug|müll|sinnlose|charabia|n'importe quoi|sans aucun sens|"
        "incohérent|galimatías|sin sentido|tonterías|basura|texto sem sentido|lixo|sem nexo|бессмыслица|бред|ерунда|"
        "абракадабра|кракозябры|мусор|文字化け|意味不明|でたらめ|깨진 글자|횡설수설|이상한 문자|无意义|语无伦次"
    ),
    "@repeat": (
        "wiederholt|wiederholt sich|immer wieder|immer das gleiche|endlosschleife|répète|se répète|répétition|"
        "en boucle|toujours la même|repite|se repite|una y otra vez|en bucle|repete|se repete|em loop|повторяет|"
        "повторяется|зацикливается|одно и то же|по кругу|繰り返す|繰り返し|ループ|반복|되풀이|反复"
    ),
    "@endless": (
        "hört nicht auf|endlos|ohne ende|stoppt nicht|ne s'arrête jamais|sans fin|n'arrête pas|no para|sin parar|"
        "no termina|não para|sem parar|não termina|не останавливается|бесконечно|без остановки|止まらない|終わらない|"
        "멈추지 않|끝나지 않|无休止"
    ),
    "@cutoff": (
        "bricht mitten|abgeschnitten|bricht mittendrin ab|hört mitten|unvollständig|coupée|coupé|tronquée|tronqué|"
        "s'arrête au milieu|incomplète|se corta|cortada|cortado|incompleta|a medias|a la mitad|cortada no meio|"
        "interrompida|обрывается|обрезается|не дописывает|на полуслове|途中で切れる|途切れる|途中で止まる|잘려요|"
        "끊겨요|中途停止|说到一半"
    ),
    "@empty": (
        "leere antwort|keine ausgabe|keine antwort|bleibt leer|réponse vide|vide|rien ne s'affiche|respuesta vacía|"
        "vacío|vacía|resposta vazia|vazio|пустой ответ|пусто|ничего не выводит|空の応答|何も返|出力されない|빈 응답|"
        "아무것도 안|没有回复|空回复"
    ),
    "@regress": (
        "seit dem update|nach dem update|seit der aktualisierung|neueste version|après la mise à jour|"
        "depuis la mise à jour|desde la actualización|después de actualizar|tras actualizar|depois da atualização|"
        "após atualizar|после обновления|с новой версией|アップデート後|更新後|업데이트 후|升级后|更新后|更新之后|"
        "升级之后"
    ),
    "@unused": (
        "nutzt nicht|nicht genutzt|nicht benutzt|wird nicht erkannt|nicht erkannt|nur die cpu|nur cpu|"
        "läuft auf der cpu|benutzt nicht|ungenutzt|nicht verwendet|n'utilise pas|pas utilisée|pas utilisé|"
        "pas détecté|pas détectée|seulement le cpu|no usa|no utiliza|no detecta|no reconoce|solo usa|solo la cpu|"
        "não usa|não detecta|não reconhece|só usa|только процессор|не использует|не видит|"
        "не определяется|не находит|только cpu|使われない|使わない|認識しない|検出されない|使用されない|cpuだけ|"
        "사용하지 않|인식하지|인식 안|cpu만|不用显卡|没用上|识别不了|不识别"
    ),
    "@refused": (
        "verbindung abgelehnt|keine verbindung|kann nicht verbinden|verbindung fehlgeschlagen|nicht erreichbar|"
        "connexion refusée|impossible de se connecter|ne peut pas se connecter|conexión rechazada|no puedo conectar|"
        "no se puede conectar|no conecta|conexão recusada|não consigo conectar|не подключается|не могу подключиться|"
        "соединение отклонено|в соединении отказано|接続できない|接続拒否|つながらない|연결할 수 없|연결 거부|"
        "连接不上|拒绝连接"
    ),
    "@gpu": (
        "grafikkarte|grafikkarten|carte graphique|tarjeta gráfica|tarjeta de video|placa de vídeo|placa gráfica|"
        "видеокарта|видеокарту|видеокарты|видеокарте|グラボ|グラフィックボード|그래픽카드|獨顯|独显"
    ),
    "@multigpu": (
        "zweite grafikkarte|beide grafikkarten|deux cartes|dos tarjetas|duas placas|две видеокарты|вторая видеокарта|"
        "複数gpu|2枚|여러 gpu"
    ),
    "@vram": (
        "grafikspeicher|mémoire vidéo|memoria de video|memória de vídeo|видеопамять|видеопамяти|ビデオメモリ|"
        "그래픽 메모리|顯存"
    ),
    "@ram": (
        "arbeitsspeicher|hauptspeicher|mémoire vive|оперативка|оперативной памяти|оперативная память|メインメモリ|"
        "시스템 메모리"
    ),
    "@memory": "speicher|mémoire|memoria|memória|память|памяти|メモリ|메모리|記憶體",
    "@install": (
        "installieren|installation|installiert|installer|instalar|instalación|instalação|установка|установить|"
        "インストール|설치"
    ),
    "@load": (
        "laden|lädt|geladen|charger|charge|chargement|cargar|carga|carrega|carregar|загрузка модели|загружается|"
        "грузится|読み込み|ロード|로드|불러오"
    ),
    "@download": (
        "herunterladen|download bricht|télécharger|téléchargement|descargar|descarga|baixar|скачать|скачивание|"
        "скачивается|ダウンロード|다운로드"
    ),
    "@fail": (
        "fehlgeschlagen|fehlermeldung|geht nicht|klappt nicht|échec|échoue|erreur|ne fonctionne pas|marche pas|falla|"
        "fallo|não funciona|falha|erro|ошибка|ошибку|не работает|не удалось|сбой|エラー|失敗|動かない|できない|오류|"
        "에러|실패|안 돼|안됨|不行|不工作|用不了"
    ),
    "@context": "kontext|kontextlänge|kontextfenster|contexte|contexto|контекст|контекста|コンテキスト|컨텍스트",
    "@prompt": "eingabe|invite|промпт|запрос|プロンプト|프롬프트",
    "@output": (
        "antwort|antworten|ausgabe|réponse|réponses|respuesta|respuestas|resposta|saída|salida|ответ|ответы|вывод|"
        "回答|応答|出力|답변|출력|응답"
    ),
    "@update": (
        "aktualisierung|aktualisiert|mise à jour|actualización|actualizar|atualização|atualizar|обновление|"
        "обновления|обновил|更新した|アップデート|업데이트"
    ),
    "@vision": "bild|bilder|imagen|imágenes|imagem|imagens|картинка|картинки|изображение|изображения|画像|이미지|图",
    "@disk": (
        "festplatte|speicherplatz|disque|disco|espace disque|espacio en disco|диск|место на диске|ディスク|디스크"
    ),
    "@perm": (
        "zugriff verweigert|keine berechtigung|keine rechte|permission refusée|accès refusé|acceso denegado|"
        "permiso denegado|permissão negada|acesso negado|отказано в доступе|нет прав|アクセスが拒否|許可がありません|"
        "権限|권한|액세스가 거부|拒绝访问"
    ),
    "@network": (
        "netzwerk|réseau|firma|firmennetz|red corporativa|rede|сеть|прокси|ネットワーク|プロキシ|네트워크|프록시"
    ),
    "@build": (
        "kompilieren|übersetzen|compiler le|compilar|compilación|compilação|сборка|собрать|компиляция|компилируется|"
        "コンパイル|ビルド|컴파일|빌드"
    ),
    "@template": "vorlage|modèle de chat|plantilla|шаблон|テンプレート|템플릿",
    "@tools": "werkzeuge|funktionsaufruf|herramientas|ferramentas|outils|инструменты|вызов функций|ツール|도구",
    "@think": "denken|denkt|pensée|raisonnement|razonamiento|pensamiento|размышления|рассуждения|思考",
}
"""Concept of lexicon.py → more ways of saying it, separated by `|`."""

FOREIGN_STOP_WORDS: Final = (
    "was ist sind bedeutet ein eine einen einem der die das und oder mit von wie warum wofür eigentlich bei "
    "mir mein meine meinem ich nicht auf aus wenn aber auch nur noch im zu den dem es sich wird werden kann "
    "est ce que quoi la le les une un des du de pour sur mon ma mes dans quand avec je il elle ne pas et ou c "
    "qu comment pourquoi qué son el los las una uno por para como cómo mi mis en con cuando significa se lo y "
    "o um uma os as é isso quando meu minha no na do da eu e com não что такое это как для на в и с у меня мой "
    "моя не почему когда по из а но "
)
"""Words of other languages that say nothing about a question, separated by spaces."""
