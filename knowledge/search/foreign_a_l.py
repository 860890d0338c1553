"""What glossary terms a to l are called in German, French, Spanish, Portuguese, Italian, Russian, Chinese and the like.

Data only; foreign.py joins it with the rest and says how it is used.
"""

from __future__ import annotations

from typing import Final

FOREIGN_NAMES_A_L: Final[dict[str, str]] = {
    "abliteration": (
        "unzensiert|unzensiertes modell|non censuré|modèle non censuré|sin censura|modelo sin censura|sem censura|"
        "senza censura|без цензуры|无审查|去审查|検閲なし|無検閲|무검열|검열 해제"
    ),
    "activation-function": (
        "aktivierungsfunktion|fonction d'activation|función de activación|função de ativação|funzione di attivazione|"
        "функция активации|激活函数|活性化関数|활성화 함수"
    ),
    "active-parameters": (
        "aktive parameter|paramètres actifs|parámetros activos|parâmetros ativos|parametri attivi|активные параметры|"
        "激活参数|活跃参数|アクティブパラメータ|활성 파라미터"
    ),
    "agent": (
        "ki-agent|agente de ia|智能体|エージェント|агент ии|에이전트|agente ia|agenti ia|agentes de ia|agent ia|"
        "agents ia|ии-агент|ии агент|агенты ии|ai智能体|代理智能体|aiエージェント|ai 에이전트"
    ),
    "alignment": (
        "ausrichtung des modells|alignement|alineamiento|alinhamento|allineamento|выравнивание модели|элаймент|对齐|"
        "价值对齐|アライメント"
    ),
    "asr": (
        "spracherkennung|reconnaissance vocale|reconocimiento de voz|reconhecimento de fala|распознавание речи|"
        "语音识别|音声認識|음성 인식|riconoscimento vocale|riconoscimento del parlato|voz a texto|voz para texto|"
        "parole en texte|sprache zu text|sprache-zu-text|речь в текст|语音转文字|文字起こし|음성인식|받아쓰기"
    ),
    "attention": (
        "aufmerksamkeit|mécanisme d'attention|atención|atenção|внимание|механизм внимания|注意力|注意力机制|"
        "アテンション|어텐션|attenzione|meccanismo di attenzione|meccanismo dell'attenzione|mecanismo de atención|"
        "mecanismo de atenção|aufmerksamkeitsmechanismus|механизма внимания|アテンション機構|注意機構|어텐션 메커니즘"
    ),
    "attention-head": (
        "testa di attenzione|teste di attenzione|tête d'attention|têtes d'attention|cabezal de atención|"
        "cabezales de atención|cabeça de atenção|aufmerksamkeitskopf|aufmerksamkeitsköpfe|голова внимания|"
        "головы внимания|注意力头|アテンションヘッド|어텐션 헤드"
    ),
    "base-model": (
        "basismodell|modèle de base|modelo base|modelo de base|modello base|базовая модель|基础模型|基座模型|"
        "ベースモデル|베이스 모델|기본 모델"
    ),
    "batch-size": (
        "batchgröße|stapelgröße|taille de lot|tamaño de lote|tamanho do lote|размер батча|размер пакета|批大小|"
        "批次大小|バッチサイズ|배치 크기|dimensione del batch|dimensione batch|tamaño del lote|tamaño de batch|"
        "tamanho do batch|taille du batch|batch-größe|배치 사이즈"
    ),
    "beam-search": (
        "recherche en faisceau|búsqueda por haces|busca em feixe|ricerca a fascio|лучевой поиск|束搜索|ビームサーチ|"
        "빔 서치"
    ),
    "benchmark": (
        "基准测试|ベンチマーク|бенчмарк|벤치마크|test di riferimento|prueba de rendimiento|leistungstest|"
        "banc d'essai|тест производительности|评测基准|跑分"
    ),
    "bpw": "bits pro gewicht|bits par poids|bits por peso|bit per peso|бит на вес|每权重比特|重みあたりビット",
    "catastrophic-forgetting": (
        "katastrophales vergessen|oubli catastrophique|olvido catastrófico|esquecimento catastrófico|"
        "dimenticanza catastrofica|катастрофическое забывание|灾难性遗忘|破滅的忘却|파국적 망각"
    ),
    "chat-template": (
        "聊天模板|对话模板|チャットテンプレート|plantilla de chat|modèle de conversation|шаблон чата|modello di chat|"
        "template di chat|modèle de chat|template de chat|chatvorlage|chat-vorlage|шаблон диалога|чат-шаблон|"
        "チャットのテンプレート|채팅 템플릿"
    ),
    "checkpoint": (
        "检查点|чекпоинт|チェックポイント|punto di controllo|punto de control|ponto de controle|point de contrôle|"
        "모델 체크포인트"
    ),
    "chunking": (
        "textstücke|découpage de texte|fragmentación de texto|divisão em blocos|suddivisione in blocchi|"
        "нарезка на чанки|чанки|文本切分|文本分块|チャンク分割|청킹"
    ),
    "coding-agent": (
        "programmier-agent|agent de code|agent de codage|agente de programación|agente de código|"
        "agente di programmazione|агент для кода|编程智能体|代码智能体|コーディングエージェント|코딩 에이전트"
    ),
    "cold-start": (
        "kaltstart|démarrage à froid|arranque en frío|partida a frio|avvio a freddo|холодный старт|冷启动|"
        "コールドスタート|콜드 스타트"
    ),
    "context-window": (
        "kontextfenster|kontextlänge|fenêtre de contexte|longueur de contexte|contexte|ventana de contexto|"
        "longitud de contexto|contexto|janela de contexto|контекстное окно|окно контекста|размер контекста|контекст|"
        "длина контекста|контекстного окна|上下文|上下文长度|上下文窗口|文脈長|コンテキスト|コンテキスト長|"
        "コンテキストウィンドウ|컨텍스트|컨텍스트 길이|컨텍스트 창|finestra di contesto|lunghezza del contesto|"
        "contesto|tamaño de contexto|tamaño del contexto|tamanho do contexto|tamanho de contexto|"
        "comprimento do contexto|taille du contexte|taille de contexte|kontextgröße|kontextlaenge|"
        "размер контекстного окна|длины контекста|上下文大小|コンテキスト窓|コンテキストサイズ|컨텍스트 윈도우|"
        "컨텍스트 크기|문맥 길이"
    ),
    "continuous-batching": (
        "连续批处理|連続バッチ処理|연속 배치|kontinuierliches batching|batching continu|lotes continuos|"
        "loteamento contínuo|непрерывный батчинг|连续批次|継続的バッチ処理|연속 배칭"
    ),
    "cosine-similarity": (
        "kosinus-ähnlichkeit|kosinusähnlichkeit|similarité cosinus|similitud coseno|similitud del coseno|"
        "similaridade de cosseno|similarità del coseno|косинусное сходство|余弦相似度|コサイン類似度|코사인 유사도"
    ),
    "cot": (
        "gedankenkette|chaîne de pensée|cadena de pensamiento|cadeia de pensamento|цепочка рассуждений|思维链|"
        "思考の連鎖|사고의 사슬|catena di pensiero|catena di ragionamento|cadena de razonamiento|цепочка мыслей|"
        "思考链|思考连锁"
    ),
    "cpu-offload": (
        "cpu卸载|cpuオフロード|выгрузка на cpu|auf die cpu auslagern|déchargement cpu|décharger sur le cpu|"
        "descarga a la cpu|descargar a cpu|descargar capas a la cpu|descargar en la cpu|descarregar na cpu|"
        "scaricare sulla cpu|выгрузка на процессор|выгрузить в оперативку|卸载到cpu|cpuにオフロード|cpu 오프로딩|"
        "cpu 오프로드|schichten auf die cpu auslagern"
    ),
    "data-parallelism": (
        "datenparallelität|parallélisme de données|paralelismo de datos|paralelismo de dados|parallelismo dei dati|"
        "параллелизм данных|数据并行|データ並列|데이터 병렬"
    ),
    "dataset": (
        "datensatz|jeu de données|conjunto de datos|conjunto de dados|датасет|набор данных|数据集|データセット|"
        "데이터셋|insieme di dati|set di dati|jeux de données|trainingsdatensatz|набор данных для обучения|数据集合|"
        "訓練データ|학습 데이터"
    ),
    "decode": (
        "dekodierung|décodage|decodificación|decodificação|decodifica|декодирование|генерация токенов|解码|解码阶段|"
        "デコード|디코딩"
    ),
    "dense-model": (
        "dichtes modell|modèle dense|modelo denso|modello denso|плотная модель|稠密模型|密集モデル|덴스 모델|밀집 모델"
    ),
    "diffusion-llm": (
        "diffusions-sprachmodell|modèle de langage à diffusion|扩散语言模型|拡散言語モデル|диффузионная языковая модель"
    ),
    "diffusion-model": (
        "diffusionsmodell|modèle de diffusion|modelo de difusión|modelo de difusão|диффузионная модель|扩散模型|"
        "拡散モデル|확산 모델|modello di diffusione|modelli di diffusione|modelos de difusión|modelos de difusão|"
        "diffusionsmodelle|диффузионные модели|디퓨전 모델"
    ),
    "distillation": (
        "destillation|wissensdestillation|destilación|destilação|дистилляция|蒸馏|蒸馏模型|蒸留|知识蒸馏|지식 증류|"
        "distillazione|distillazione della conoscenza|distillation de connaissances|destilación de conocimiento|"
        "destilação de conhecimento|destilación de modelos|дистилляция знаний|дистиллированная модель|知識蒸留|"
        "蒸留モデル|증류|증류 모델|distilliertes modell|modèle distillé|modelo destilado|modello distillato"
    ),
    "distributed-inference": (
        "verteilte inferenz|inférence distribuée|inferencia distribuida|inferência distribuída|inferenza distribuita|"
        "распределённый инференс|распределенный инференс|分布式推理|分散推論|분산 추론"
    ),
    "draft-model": (
        "entwurfsmodell|modèle brouillon|modèle de brouillon|modelo borrador|modelo de borrador|modelo rascunho|"
        "modello bozza|черновая модель|草稿模型|ドラフトモデル|드래프트 모델|초안 모델"
    ),
    "driver": (
        "显卡驱动|grafiktreiber|pilote graphique|controlador de gráficos|драйвер видеокарты|グラフィックドライバ|"
        "그래픽 드라이버|driver della scheda video|controlador gráfico|controladores de nvidia|"
        "driver da placa de vídeo|pilote nvidia|grafikkartentreiber|драйвер nvidia|драйвера|显卡驱动程序|gpuドライバ|"
        "gpu 드라이버"
    ),
    "egpu": (
        "externe grafikkarte|carte graphique externe|gpu externa|tarjeta gráfica externa|placa de vídeo externa|"
        "scheda video esterna|внешняя видеокарта|外接显卡|外置显卡|外付けgpu|외장 gpu"
    ),
    "embedding": (
        "einbettung|einbettungen|plongement|plongements|incrustación|incrustaciones|эмбеддинг|эмбеддинги|эмбеддингов|"
        "嵌入|向量化|词向量|埋め込み|임베딩|incorporamento|incorporamenti|vettori di testo|vectores de texto|"
        "vetores de texto|vecteurs de texte|векторное представление|векторные представления|文本向量|ベクトル化|"
        "埋め込みベクトル|임베딩 벡터"
    ),
    "embedding-model": (
        "einbettungsmodell|modèle d'embedding|modelo de embedding|嵌入模型|向量模型|埋め込みモデル|임베딩 모델|"
        "modello di embedding|modèle de plongement|einbettungsmodelle|модель эмбеддингов|エンベディングモデル"
    ),
    "epoch": "epoche|epochen|époque|époques|época|épocas|эпоха|эпохи|训练轮数|轮次|エポック|에포크",
    "expert": "esperti|esperto|expertos|especialistas|эксперты модели",
    "few-shot": (
        "few-shot-prompting|apprentissage en contexte|pocos ejemplos|poucos exemplos|pochi esempi|少样本|少样本提示|"
        "フューショット|퓨샷"
    ),
    "fine-tuning": (
        "feinabstimmung|feintuning|ajustement fin|affinage|ajuste fino|afinado|дообучение|файнтюнинг|"
        "тонкая настройка|微调|微調|ファインチューニング|파인튜닝|미세 조정|affinamento|messa a punto|rifinitura|"
        "ajuste fin del modelo|dati di affinamento|дообучить|дообучения|미세조정|微調整"
    ),
    "flash-attention": (
        "フラッシュアテンション|闪存注意力|플래시 어텐션|attention flash|атеншн флэш|флеш аттеншн|플래시어텐션"
    ),
    "gpu": (
        "grafikkarte|grafikkarten|carte graphique|cartes graphiques|tarjeta gráfica|tarjeta de video|placa de vídeo|"
        "placa gráfica|видеокарта|видеокарты|видеокарту|видеокарте|显卡|顯卡|グラフィックボード|グラボ|그래픽카드|"
        "scheda video|scheda grafica|schede video|placas de vídeo|tarjetas gráficas"
    ),
    "gpu-offload": (
        "auslagern auf die gpu|gpu卸载|gpuオフロード|выгрузка на gpu|gpu 오프로드|auf die gpu auslagern|"
        "déchargement gpu|décharger sur le gpu|décharger des couches|descarga a la gpu|descargar en la gpu|"
        "descargar capas a la gpu|offload na gpu|descarregar na gpu|scaricare sulla gpu|выгрузить на видеокарту|"
        "выгрузка слоёв на gpu|выгрузка слоев|卸载到gpu|gpuにオフロード|gpu 오프로딩|schichten auf die gpu auslagern"
    ),
    "greedy": (
        "gierige dekodierung|décodage glouton|decodificación voraz|decodificação gulosa|decodifica greedy|"
        "жадное декодирование|贪心解码|貪欲デコーディング|탐욕 디코딩"
    ),
    "guardrails": (
        "schutzmaßnahmen|garde-fous|barreras de seguridad|barreras de protección|guardas de segurança|ограничители|"
        "护栏|安全护栏|ガードレール|가드레일"
    ),
    "hallucination": (
        "halluzination|halluzinationen|halluziniert|halluzinieren|halluciner|hallucine|alucinación|alucinaciones|"
        "alucina|alucinar|alucinação|alucinações|галлюцинация|галлюцинации|галлюцинирует|幻觉|幻覺|ハルシネーション|"
        "幻覚|환각|할루시네이션|allucinazione|allucinazioni|allucina|allucinare|hallucinations|галлюцинирование|"
        "галлюцинировать|幻觉问题|환각 현상"
    ),
    "hybrid-search": (
        "hybride suche|recherche hybride|búsqueda híbrida|busca híbrida|ricerca ibrida|гибридный поиск|混合检索|"
        "混合搜索|ハイブリッド検索|하이브리드 검색"
    ),
    "igpu": (
        "integrierte grafik|integrierte gpu|interne grafik|onboard grafik|puce graphique intégrée|"
        "carte graphique intégrée|gráficos integrados|gráfica integrada|placa integrada|vídeo integrado|"
        "grafica integrata|scheda integrata|встроенная графика|встройка|встроенная видеокарта|核显|集成显卡|"
        "内蔵グラフィック|内蔵gpu|내장 그래픽|내장그래픽"
    ),
    "image-tokens": (
        "bild-token|tokens d'image|tokens de imagen|tokens de imagem|token immagine|токены изображения|图像token|"
        "画像トークン|이미지 토큰"
    ),
    "imatrix": (
        "wichtigkeitsmatrix|matrice d'importance|matriz de importancia|matriz de importância|matrice di importanza|"
        "матрица важности|重要性矩阵|重要度行列"
    ),
    "inference": (
        "inferenz|inférence|inferencia|inferência|инференс|вывод модели|推理|推論|추론|inferenza|инференса|推論処理"
    ),
    "inpainting": "внутренняя дорисовка|局部重绘|インペイント|인페인팅",
    "instruct-model": (
        "instruktionsmodell|modèle d'instruction|modelo de instrucciones|modelo instruct|modelo de instruções|"
        "modello instruct|инструктивная модель|инструкт модель|指令模型|指令微调模型|インストラクトモデル|"
        "인스트럭트 모델"
    ),
    "jailbreak": "越狱|脱獄プロンプト|джейлбрейк|jailbreaking|fuga de restricciones|джейлбрейк модели|탈옥",
    "knowledge-cutoff": (
        "wissensstand|date de coupure|fecha de corte|知识截止|知識カットオフ|지식 컷오프|data di taglio|"
        "limite di conoscenza|fecha límite de conocimiento|fecha de corte del conocimiento|data de corte|"
        "date limite de connaissances|wissensstichtag|дата среза знаний|дата отсечки|知识截止日期|知識の期限|"
        "지식 기준일"
    ),
    "kv-cache": (
        "kv缓存|键值缓存|kv-zwischenspeicher|cache kv|caché kv|кэш kv|кеш kv|キーバリューキャッシュ|kv 캐시|kv 缓存|"
        "kvキャッシュ|cache chiave valore|cache clé-valeur|caché clave-valor|cache chave-valor|schlüssel-wert-cache|"
        "kv-кэш|kv-кеш|кэш ключей и значений|キーバリューのキャッシュ"
    ),
    "laptop-gpu": (
        "laptop-grafikkarte|carte graphique de portable|gráfica de portátil|placa de vídeo de notebook|"
        "scheda video del portatile|мобильная видеокарта|ноутбучная видеокарта|笔记本显卡|ノートpcのgpu|"
        "노트북 그래픽카드"
    ),
    "latency": (
        "latenz|latence|latencia|latência|задержка|延迟|レイテンシ|지연 시간|latenza|задержки|レイテンシー|레이턴시|"
        "지연시간|遅延"
    ),
    "latent": (
        "latenter raum|espace latent|espacio latente|espaço latente|spazio latente|латентное пространство|潜空间|"
        "潜在空間|잠재 공간"
    ),
    "layer": (
        "schicht|schichten|couche|couches|capa|capas|camada|camadas|слой|слои|слоёв|слоев|モデル層|레이어|strato|"
        "strati|livelli|уровни модели|模型层|レイヤー|레이어 수"
    ),
    "learning-rate": (
        "lernrate|taux d'apprentissage|tasa de aprendizaje|taxa de aprendizado|скорость обучения|学习率|学習率|"
        "학습률|tasso di apprendimento|velocità di apprendimento|темп обучения|шаг обучения"
    ),
    "license": (
        "lizenz|licence du modèle|licencia del modelo|licença do modelo|лицензия модели|许可证|ライセンス|라이선스|"
        "licenza|licenza del modello|licencia|licença|licence|modelllizenz|лицензия|许可协议|라이센스"
    ),
    "linear-attention": (
        "lineare aufmerksamkeit|attention linéaire|atención lineal|atenção linear|attenzione lineare|"
        "линейное внимание|线性注意力|線形アテンション|선형 어텐션"
    ),
    "llm": (
        "großes sprachmodell|sprachmodell|sprachmodelle|grand modèle de langage|modèle de langage|modelo de lenguaje|"
        "modelo de linguagem|языковая модель|большая языковая модель|大语言模型|大模型|大規模言語モデル|"
        "거대 언어 모델|modello linguistico|modelli linguistici|grandi modelli linguistici|"
        "grandes modelos de lenguaje|grandes modelos de linguagem|большие языковые модели|大语言模型是|言語モデル|"
        "언어 모델|대형 언어 모델|大型语言模型"
    ),
    "local-llm": (
        "lokale ki|lokales sprachmodell|ia locale|ia local|локальная нейросеть|本地部署|本地大模型|ローカルllm|"
        "로컬 llm|ia in locale|modello in locale|ia en local|modelo local|modelos locales|ia no meu pc|"
        "lokale modelle|локальная модель|локальные модели|本地模型|本地ai|ローカルモデル|로컬 모델"
    ),
    "lora": "低秩适配|低秩适应",
}
"""Term id → its names in other languages, separated by `|`, lower case."""
