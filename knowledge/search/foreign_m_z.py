"""What glossary terms m to z are called in German, French, Spanish, Portuguese, Italian, Russian, Chinese and the like.

Data only; foreign.py joins it with the rest and says how it is used.
"""

from __future__ import annotations

from typing import Final

FOREIGN_NAMES_M_Z: Final[dict[str, str]] = {
    "max-tokens": (
        "maximale token|nombre maximal de tokens|máximo de tokens|número máximo de tokens|massimo numero di token|"
        "максимум токенов|最大token数|最大输出长度|最大トークン|최대 토큰"
    ),
    "memory-agent": (
        "gedächtnis des agenten|mémoire de l'agent|memoria del agente|memória do agente|memoria dell'agente|"
        "память агента|智能体记忆|エージェントの記憶|에이전트 메모리"
    ),
    "memory-bandwidth": (
        "speicherbandbreite|bande passante mémoire|ancho de banda de memoria|largura de banda de memória|"
        "пропускная способность памяти|显存带宽|内存带宽|メモリ帯域幅|メモリ帯域|메모리 대역폭|"
        "larghezza di banda della memoria|larghezza di banda di memoria|banda di memoria|"
        "banda passante della memoria|ancho de banda de la memoria|ancho de banda de vram|"
        "largura de banda da memória|bande passante de la mémoire|bande passante mémoire gpu|"
        "bandbreite des speichers|полоса пропускания памяти|псп памяти|пропускную способность памяти|"
        "пропускной способности памяти|内存频宽|メモリバンド幅|메모리대역폭"
    ),
    "memory-channels": (
        "speicherkanäle|canaux mémoire|canales de memoria|canais de memória|canali di memoria|каналы памяти|"
        "двухканал|内存通道|双通道|メモリチャネル|デュアルチャネル|메모리 채널|듀얼 채널"
    ),
    "merge": (
        "modelle zusammenführen|modellverschmelzung|fusion de modèles|fusión de modelos|fusão de modelos|"
        "fusione di modelli|слияние моделей|мердж|模型合并|模型融合|モデルマージ|모델 병합"
    ),
    "mmap": "内存映射|メモリマップ",
    "model-serving": (
        "modelle bereitstellen|déploiement de modèle|despliegue de modelos|servir modelos|implantação de modelos|"
        "обслуживание модели|模型部署|模型服务|モデル提供|모델 서빙"
    ),
    "moe": (
        "mischung von experten|mélange d'experts|mezcla de expertos|mistura de especialistas|смесь экспертов|"
        "混合专家|混合专家模型|专家混合|混合エキスパート|전문가 혼합|miscela di esperti|misto di esperti|"
        "mixture d'experts|modelo de expertos|混合专家架构|эксперты смесь|混合エキスパートモデル|전문가 혼합 모델|"
        "혼합 전문가"
    ),
    "multi-gpu": (
        "mehrere grafikkarten|plusieurs gpu|varias gpu|múltiplas gpus|несколько видеокарт|多卡|多显卡|多gpu|"
        "マルチgpu|멀티 gpu|più schede video|più gpu|varias tarjetas gráficas|varias gpus|dos tarjetas gráficas|"
        "duas placas de vídeo|várias placas de vídeo|deux cartes graphiques|plusieurs cartes graphiques|"
        "zwei grafikkarten|две видеокарты|双卡|双显卡|複数のgpu|gpu 여러 개|다중 gpu|mehr-gpu"
    ),
    "neural-network": (
        "neuronales netz|neuronale netze|réseau de neurones|red neuronal|redes neuronales|rede neural|нейросеть|"
        "нейронная сеть|神经网络|ニューラルネットワーク|신경망|rete neurale|reti neurali|réseaux de neurones|"
        "redes neurais|нейросети|нейронные сети|神經網路|신경 회로망"
    ),
    "observability": (
        "beobachtbarkeit|observabilité|observabilidad|observabilidade|osservabilità|наблюдаемость|可观测性|"
        "オブザーバビリティ|관측 가능성"
    ),
    "ocr": (
        "texterkennung|reconnaissance de texte|reconocimiento de texto|распознавание текста|文字识别|文字認識|"
        "문자 인식|riconoscimento ottico|riconoscimento del testo|lettura di documenti|光学文字识别|문자인식"
    ),
    "oom": (
        "speicher voll|mémoire insuffisante|memoria insuficiente|нехватка памяти|显存不足|内存不足|爆显存|メモリ不足|"
        "메모리 부족|memoria esaurita|memoria insufficiente|out of memory fehler|falta de memoria|falta de memória|"
        "manque de mémoire|kein speicher mehr|zu wenig speicher|недостаточно памяти|не хватает памяти|内存溢出|"
        "显存溢出|メモリー不足|메모리 초과"
    ),
    "open-source-model": (
        "modello open source|modello a codice aperto|modelo de código abierto|modelo de código aberto|"
        "modèle open source|modèle libre|quelloffenes modell|открытая модель|модель с открытым кодом|开源模型|"
        "開源模型|オープンソースモデル|오픈소스 모델"
    ),
    "open-weights": (
        "offene gewichte|poids ouverts|pesos abiertos|pesos abertos|открытые веса|开放权重|オープンウェイト|"
        "pesi aperti|modello a pesi aperti|offene modelle|modèles ouverts|open-weight-modell|"
        "модель с открытыми весами|开放权重模型|开源权重|공개 가중치|オープンウェイトモデル"
    ),
    "overfitting": (
        "überanpassung|surapprentissage|sobreajuste|sobreajustado|переобучение|过拟合|過学習|과적합|sovradattamento|"
        "overfitting del modello|sur-apprentissage|過剰適合|과대적합"
    ),
    "parameter": (
        "parametern|paramètre|paramètres|parámetro|parámetros|parâmetro|parâmetros|параметр|параметры|параметров|"
        "参数|參數|パラメータ|파라미터|매개변수|parametri|parametro|параметра|参数量|參數量|パラメーター|"
        "パラメータ数|파라미터 수"
    ),
    "perplexity": (
        "perplexität|perplexité|perplejidad|perplexidade|перплексия|困惑度|パープレキシティ|perplessità|"
        "perplejidad del modelo|перплексию"
    ),
    "perplexity-loss": (
        "quantisierungsverlust|qualitätsverlust durch quantisierung|perte de quantification|perte de qualité|"
        "pérdida de calidad|perda de qualidade|perdita di qualità|потеря качества|потери при квантовании|量化损失|"
        "精度损失|量子化誤差|양자화 손실"
    ),
    "pipeline-parallelism": (
        "流水线并行|パイプライン並列|конвейерный параллелизм|파이프라인 병렬|parallélisme de pipeline|"
        "paralelismo de pipeline|paralelismo de canalización|parallelismo di pipeline|pipelineparallelität|管道并行|"
        "パイプライン並列化"
    ),
    "positional-encoding": (
        "positionskodierung|encodage positionnel|codificación posicional|codificação posicional|codifica posizionale|"
        "позиционное кодирование|位置编码|位置エンコーディング|위치 인코딩"
    ),
    "power-limit": (
        "功耗限制|功耗墙|電力制限|leistungsbegrenzung|limite de potencia|лимит мощности|limite di potenza|"
        "límite de potencia|limite de puissance|limite de energia|undervolting der karte|лимит мощности видеокарты|"
        "限制功耗|降压|전력 제한|消費電力制限"
    ),
    "prefill": (
        "vorverarbeitung des prompts|traitement du prompt|procesamiento del prompt|processamento do prompt|"
        "elaborazione del prompt|обработка промпта|预填充|提示词处理|プレフィル|プロンプト処理|프리필|프롬프트 처리"
    ),
    "prefix-caching": (
        "präfix-cache|cache de préfixe|caché de prefijo|cache de prefixo|cache del prefisso|кэш префикса|"
        "кэширование префикса|前缀缓存|プレフィックスキャッシュ|프리픽스 캐시|접두사 캐싱"
    ),
    "privacy": (
        "datenschutz|confidentialité|privacidad|privacidade|приватность|隐私|プライバシー|개인정보|riservatezza|"
        "vie privée|protección de datos|конфиденциальность|数据隐私|개인정보 보호"
    ),
    "prompt": (
        "invite|提示词|提示詞|プロンプト|промпт|промт|프롬프트|eingabeaufforderung|indicación|eingabe-prompt|提示语|"
        "プロンプト文"
    ),
    "prompt-injection": (
        "提示注入|提示词注入|プロンプトインジェクション|inyección de prompts|injection de prompt|iniezione di prompt|"
        "inyección de prompt|injeção de prompt|промпт-инъекция|инъекция промпта|프롬프트 인젝션|prompt-einschleusung"
    ),
    "pruning": (
        "beschneiden|élagage|poda|прунинг|剪枝|枝刈り|가지치기|potatura|podado|élagage de modèle|обрезка модели|"
        "モデル剪定|프루닝"
    ),
    "quantization": (
        "quantisierung|quantisieren|quantisiert|quantification|quantifier|quantifié|cuantización|cuantizacion|"
        "cuantizar|cuantizado|quantização|quantizacao|quantizar|quantizado|квантование|квантизация|квантизацию|"
        "квантования|量化|量子化|양자화|quantizzazione|quantizzare|quantizzato|quantizzata|quantisiertes|"
        "quantification du modèle|cuantizada|cuantificación|quantizada|квантованная|квантовать|квантования модели|"
        "양자화된|quantisation"
    ),
    "rag": (
        "检索增强生成|检索增强|知识库问答|検索拡張生成|검색 증강 생성|génération augmentée|generación aumentada|"
        "generazione aumentata|generazione aumentata dal recupero|génération augmentée par récupération|"
        "generación aumentada por recuperación|geração aumentada por recuperação|abrufgestützte generierung|"
        "генерация с дополненной выборкой|поисковая генерация|검색증강생성"
    ),
    "reasoning-model": (
        "推理模型|推論モデル|denkmodell|modelo de razonamiento|modèle de raisonnement|рассуждающая модель|추론 모델|"
        "modello di ragionamento|modelli di ragionamento|modelo de raciocínio|modèle raisonneur|modelo razonador|"
        "schlussfolgerndes modell|модель рассуждений|рассуждающие модели|思考模型|思考モデル|リーズニングモデル|"
        "사고 모델"
    ),
    "refusal": (
        "verweigerung|refus du modèle|rechazo del modelo|recusa do modelo|rifiuto del modello|отказ модели|拒绝回答|"
        "回答拒否|답변 거부"
    ),
    "repeat-penalty": (
        "wiederholungsstrafe|pénalité de répétition|penalización por repetición|penalidade de repetição|"
        "штраф за повторы|重复惩罚|繰り返しペナルティ|penalità di ripetizione|penalización de repetición|"
        "penalización por repeticiones|penalidade por repetição|pénalité de répétitions|strafe für wiederholungen|"
        "штраф за повторение|штраф повторений|复读惩罚|重复惩罚参数|繰り返し抑制|반복 페널티|반복 벌점"
    ),
    "reranker": (
        "neusortierer|reclassement|reordenador|reclassificador|реранкер|重排序|重排模型|リランカー|リランキング|리랭커"
    ),
    "rlhf": (
        "bestärkendes lernen mit menschlichem feedback|apprentissage par renforcement avec retour humain|"
        "aprendizaje por refuerzo|aprendizado por reforço|apprendimento per rinforzo|обучение с подкреплением|"
        "人类反馈强化学习|强化学习|強化学習|강화 학습"
    ),
    "rope": "旋转位置编码|回転位置埋め込み|вращающееся позиционное кодирование",
    "router": "маршрутизатор экспертов|门控网络|路由器网络|ゲーティング",
    "seed": (
        "zufallsstartwert|graine aléatoire|semilla aleatoria|semente aleatória|随机种子|乱数シード|시드 값|"
        "seme casuale|seme|semilla|semente|graine|startwert|сид|зерно генератора|시드|种子|シード|シード値"
    ),
    "shared-gpu-memory": (
        "gemeinsam genutzter gpu-speicher|共享gpu内存|共享显存|共有gpuメモリ|공유 gpu 메모리|memoria gpu condivisa|"
        "memoria compartida de gpu|memoria de gpu compartida|memória compartilhada da gpu|mémoire gpu partagée|"
        "общая память gpu|общая память графического процессора"
    ),
    "slm": (
        "kleines sprachmodell|kleine sprachmodelle|petit modèle de langage|pequeño modelo de lenguaje|"
        "modelo de lenguaje pequeño|pequeno modelo de linguagem|piccolo modello linguistico|малая языковая модель|"
        "小语言模型|小模型|小規模言語モデル|소형 언어 모델"
    ),
    "speculative-decoding": (
        "spekulatives dekodieren|décodage spéculatif|decodificación especulativa|decodificação especulativa|"
        "спекулятивное декодирование|投机解码|推测解码|投機的デコーディング|추측 디코딩|decodifica speculativa|"
        "decodifica especulativa|спекулятивный декодинг|投機的デコード|投機デコード|推測デコーディング|"
        "spekulative dekodierung|spekulative decodierung|推测性解码"
    ),
    "stop-sequence": (
        "stoppsequenz|séquence d'arrêt|secuencia de parada|sequência de parada|sequenza di stop|"
        "стоп-последовательность|停止序列|停止词|停止シーケンス|중지 시퀀스"
    ),
    "streaming": (
        "ausgabe streamen|diffusion en continu|transmisión de respuesta|потоковый вывод|потоковая выдача|流式输出|"
        "ストリーミング出力|스트리밍 출력"
    ),
    "structured-output": (
        "结构化输出|構造化出力|strukturierte ausgabe|salida estructurada|sortie structurée|output strutturato|"
        "uscita strutturata|salida estructurada json|saída estruturada|структурированный вывод|구조화된 출력|"
        "strukturierter output"
    ),
    "swa": (
        "sliding-window-aufmerksamkeit|gleitendes fenster|fenêtre glissante|ventana deslizante|janela deslizante|"
        "finestra scorrevole|скользящее окно|滑动窗口|滑动窗口注意力|スライディングウィンドウ|슬라이딩 윈도우"
    ),
    "swap": (
        "auslagerungsdatei|fichier d'échange|archivo de paginación|arquivo de paginação|file di paging|"
        "memoria di swap|файл подкачки|подкачка|虚拟内存|交换分区|スワップ領域|スワップ|스왑 메모리|페이지 파일"
    ),
    "synthetic-data": (
        "synthetische daten|données synthétiques|datos sintéticos|dados sintéticos|dati sintetici|"
        "синтетические данные|合成数据|合成データ|합성 데이터"
    ),
    "system-prompt": (
        "systemprompt|invite système|prompt de sistema|prompt do sistema|системный промпт|系统提示词|系统提示|"
        "システムプロンプト|시스템 프롬프트|prompt di sistema|prompt système|instrucción de sistema|"
        "prompt del sistema|instruction système|системная инструкция|系统提示語|시스템 메시지"
    ),
    "system-ram": (
        "arbeitsspeicher|hauptspeicher|mémoire vive|memoria ram|memória ram|оперативная память|оперативка|оперативки|"
        "оперативной памяти|内存|メインメモリ|시스템 메모리|memoria di sistema|memoria del sistema|mémoire système|"
        "memória do sistema|системная память|系统内存|システムメモリ|시스템 램"
    ),
    "temperature": (
        "temperatur|température|temperatura|температура|температуру|温度|温度参数|온도|temperatura del modello|"
        "温度パラメータ|параметр температуры|temperatur einstellung|온도 값"
    ),
    "tensor-core": (
        "tensorkerne|tensor-kerne|cœurs tensor|núcleos tensor|núcleos tensoriales|тензорные ядра|张量核心|"
        "テンソルコア|텐서 코어"
    ),
    "tensor-parallelism": (
        "张量并行|テンソル並列|тензорный параллелизм|텐서 병렬|parallélisme tensoriel|paralelismo tensorial|"
        "paralelismo de tensores|parallelismo tensoriale|parallelismo dei tensori|tensorparallelität|"
        "тензорная параллельность|張量並行|テンソル並列化|텐서 병렬화"
    ),
    "text-encoder": (
        "textkodierer|encodeur de texte|codificador de texto|codificatore di testo|текстовый энкодер|文本编码器|"
        "テキストエンコーダー|텍스트 인코더"
    ),
    "thinking-tokens": (
        "思考token|思考トークン|denk-tokens|token di ragionamento|tokens de pensamiento|tokens de raciocínio|"
        "jetons de réflexion|токены рассуждений|思维token|생각 토큰"
    ),
    "threads": (
        "cpu-threads|hilos|hilos de cpu|потоки процессора|потоки cpu|线程数|スレッド数|스레드 수|thread della cpu"
    ),
    "throughput": (
        "durchsatz|débit|rendimiento por segundo|пропускная способность|吞吐量|吞吐|スループット|처리량|portata|"
        "capacidad de procesamiento|rendimiento total|vazão|produtividade total|производительность сервера|тропут|"
        "吞吐率|処理量|스루풋|producción por segundo"
    ),
    "token": "jeton|jetons|токен|токены|токенов|词元|令牌|トークン|토큰|gettoni|fichas de texto|토큰이",
    "tokenizer": (
        "tokenisierer|tokenisierung|tokeniseur|tokenizador|tokenización|tokenização|токенизатор|токенизация|分词器|"
        "分詞器|トークナイザー|トークナイザ|토크나이저|tokenizzatore|tokenizzazione|tokenizzare|токенайзер|分词|"
        "トークン化|토큰화"
    ),
    "tokens-per-second": (
        "tokens pro sekunde|jetons par seconde|tokens por segundo|токенов в секунду|токены в секунду|每秒token|"
        "每秒トークン|초당 토큰|token al secondo|gettoni al secondo|tokens par seconde|tokens/segundo|токен/с|ток/с|"
        "每秒token数|每秒生成|トークン毎秒|초당토큰"
    ),
    "tool-calling": (
        "werkzeugaufruf|funktionsaufruf|appel d'outils|appel de fonction|llamada a funciones|chamada de ferramentas|"
        "вызов функций|вызов инструментов|工具调用|函数调用|ツール呼び出し|도구 호출|chiamata di funzioni|"
        "chiamata di strumenti|llamada a herramientas|llamada de herramientas|chamada de função|chamada de funções|"
        "appels d'outils|appels de fonctions|вызов функции|函数呼び出し|関数呼び出し|함수 호출"
    ),
    "training": (
        "trainieren|entraînement|entrenamiento|entrenar|treinamento|обучение|训练|訓練|学習|학습|addestramento|"
        "addestrare|treinar|entraîner|обучать|тренировка модели|トレーニング|훈련"
    ),
    "transformer": "变换器|トランスフォーマー|трансформер|트랜스포머",
    "ttft": (
        "首token延迟|首字延迟|首个token|zeit bis zum ersten token|최초 토큰|tempo al primo token|"
        "tiempo hasta el primer token|tempo até o primeiro token|temps jusqu'au premier token|"
        "temps avant le premier token|время до первого токена|最初のトークンまでの時間|首token时间|첫 토큰 시간|"
        "첫 토큰까지"
    ),
    "tts": (
        "sprachausgabe|synthèse vocale|texto a voz|texto para fala|синтез речи|语音合成|文字转语音|音声合成|"
        "음성 합성|sintesi vocale|testo in voce|síntesis de voz|síntese de voz|texte en parole|text zu sprache|"
        "text-zu-sprache|озвучка текста|преобразование текста в речь|文字转声音|読み上げ|텍스트 음성 변환"
    ),
    "unified-memory": (
        "gemeinsamer speicher|mémoire unifiée|memoria unificada|memória unificada|единая память|объединённая память|"
        "统一内存|ユニファイドメモリ|통합 메모리|memoria unificata|einheitlicher speicher|vereinheitlichter speicher|"
        "unified speicher|унифицированная память|объединенная память|统一记忆体|ユニファイド・メモリ|통합메모리"
    ),
    "upscaler": (
        "hochskalierer|agrandisseur|escalador de imagen|апскейлер|放大模型|高清放大|アップスケーラー|업스케일러"
    ),
    "vector-db": (
        "vektordatenbank|base vectorielle|base de datos vectorial|векторная база|向量数据库|ベクトルデータベース|"
        "벡터 데이터베이스|database vettoriale|basi vettoriali|base de données vectorielle|"
        "base de données vectorielles|banco de dados vetorial|banco vetorial|векторная база данных|向量库|ベクトルdb|"
        "벡터 db"
    ),
    "vision-model": (
        "多模态模型|视觉模型|視覚言語モデル|mehrmodales modell|modelo de visión|мультимодальная модель|비전 모델|"
        "modello di visione|modelli di visione|modello multimodale|modèle multimodal|modèle de vision|"
        "modelo multimodal|visionsmodell|визуальная модель|视觉语言模型|マルチモーダルモデル|멀티모달 모델"
    ),
    "vocabulary": (
        "vokabular|vocabulaire|vocabulario|vocabulário|词表|語彙|словарь модели|어휘|vocabolario|"
        "wortschatz des modells|словарь токенов|ボキャブラリ|어휘 사전"
    ),
    "voice-cloning": (
        "stimmklon|stimme klonen|clonage de voix|clonage vocal|clonación de voz|clonar voz|clonagem de voz|"
        "clonazione vocale|clonazione della voce|клонирование голоса|声音克隆|音色克隆|ボイスクローン|음성 복제|"
        "보이스 클로닝"
    ),
    "vram": (
        "grafikspeicher|videospeicher|mémoire vidéo|memoria de video|memoria gráfica|memória de vídeo|видеопамять|"
        "видеопамяти|显存|顯存|ビデオメモリ|그래픽 메모리|비디오 메모리|memoria video|memoria della scheda video|"
        "memoria de la gráfica|memoria de la tarjeta gráfica|memória da placa de vídeo|mémoire de la carte graphique|"
        "speicher der grafikkarte|память видеокарты|显卡内存|グラフィックメモリ|비디오램"
    ),
    "warmup": (
        "aufwärmlauf|préchauffage|calentamiento del modelo|aquecimento do modelo|riscaldamento del modello|"
        "прогрев модели|预热|ウォームアップ|워밍업"
    ),
    "watermark": "wasserzeichen|filigrane|marca de agua|marca d'água|filigrana|водяной знак|水印|電子透かし|워터마크",
    "web-search": (
        "websuche|recherche web|búsqueda web|búsqueda en internet|pesquisa na web|ricerca web|веб-поиск|"
        "поиск в интернете|联网搜索|ウェブ検索|웹 검색"
    ),
    "weights": (
        "gewichte|poids|pesos|веса модели|веса|权重|重み|가중치|pesi|pesi del modello|pesos del modelo|"
        "pesos do modelo|poids du modèle|modellgewichte|веса нейросети|모델 가중치"
    ),
}
"""Term id → its names in other languages, separated by `|`, lower case."""
