"""What glossary terms are called in German, French, Spanish, Portuguese, Russian, Chinese, Japanese and Korean.

Data only. English names stand in the entries; these would only clutter them. A name leads to its term like an alias.
"""

from __future__ import annotations

from typing import Final

FOREIGN_NAMES: Final[dict[str, str]] = {
    "quantization": (
        "quantisierung|quantisieren|quantisiert|quantification|quantifier|quantifié|cuantización|cuantizacion|"
        "cuantizar|cuantizado|quantização|quantizacao|quantizar|quantizado|квантование|квантизация|квантизацию|"
        "квантования|量化|量子化|양자화"
    ),
    "context-window": (
        "kontextfenster|kontextlänge|fenêtre de contexte|longueur de contexte|contexte|ventana de contexto|"
        "longitud de contexto|contexto|janela de contexto|контекстное окно|окно контекста|размер контекста|контекст|"
        "длина контекста|контекстного окна|上下文|上下文长度|上下文窗口|文脈長|コンテキスト|コンテキスト長|"
        "コンテキストウィンドウ|컨텍스트|컨텍스트 길이|컨텍스트 창"
    ),
    "vram": (
        "grafikspeicher|videospeicher|mémoire vidéo|memoria de video|memoria gráfica|memória de vídeo|видеопамять|"
        "видеопамяти|显存|顯存|ビデオメモリ|그래픽 메모리|비디오 메모리"
    ),
    "system-ram": (
        "arbeitsspeicher|hauptspeicher|mémoire vive|memoria ram|memória ram|оперативная память|оперативка|оперативки|"
        "оперативной памяти|内存|メインメモリ|시스템 메모리"
    ),
    "gpu": (
        "grafikkarte|grafikkarten|carte graphique|cartes graphiques|tarjeta gráfica|tarjeta de video|placa de vídeo|"
        "placa gráfica|видеокарта|видеокарты|видеокарту|видеокарте|显卡|顯卡|グラフィックボード|グラボ|그래픽카드"
    ),
    "hallucination": (
        "halluzination|halluzinationen|halluziniert|halluzinieren|halluciner|hallucine|alucinación|alucinaciones|"
        "alucina|alucinar|alucinação|alucinações|галлюцинация|галлюцинации|галлюцинирует|幻觉|幻覺|ハルシネーション|"
        "幻覚|환각|할루시네이션"
    ),
    "tokenizer": (
        "tokenisierer|tokenisierung|tokeniseur|tokenizador|tokenización|tokenização|токенизатор|токенизация|分词器|"
        "分詞器|トークナイザー|トークナイザ|토크나이저"
    ),
    "token": "jeton|jetons|токен|токены|токенов|词元|令牌|トークン|토큰",
    "temperature": "temperatur|température|temperatura|температура|температуру|温度|温度参数|온도",
    "parameter": (
        "parametern|paramètre|paramètres|parámetro|parámetros|parâmetro|parâmetros|параметр|параметры|параметров|"
        "参数|參數|パラメータ|파라미터|매개변수"
    ),
    "weights": "gewichte|poids|pesos|веса модели|веса|权重|重み|가중치",
    "fine-tuning": (
        "feinabstimmung|feintuning|ajustement fin|affinage|ajuste fino|afinado|дообучение|файнтюнинг|"
        "тонкая настройка|微调|微調|ファインチューニング|파인튜닝|미세 조정"
    ),
    "training": "trainieren|entraînement|entrenamiento|entrenar|treinamento|обучение|训练|訓練|学習|학습",
    "inference": "inferenz|inférence|inferencia|inferência|инференс|вывод модели|推理|推論|추론",
    "embedding": (
        "einbettung|einbettungen|plongement|plongements|incrustación|incrustaciones|эмбеддинг|эмбеддинги|эмбеддингов|"
        "嵌入|向量化|词向量|埋め込み|임베딩"
    ),
    "embedding-model": (
        "einbettungsmodell|modèle d'embedding|modelo de embedding|嵌入模型|向量模型|埋め込みモデル|임베딩 모델"
    ),
    "vector-db": (
        "vektordatenbank|base vectorielle|base de datos vectorial|векторная база|向量数据库|ベクトルデータベース|"
        "벡터 데이터베이스"
    ),
    "rag": "检索增强生成|检索增强|知识库问答|検索拡張生成|검색 증강 생성|génération augmentée|generación aumentada",
    "moe": (
        "mischung von experten|mélange d'experts|mezcla de expertos|mistura de especialistas|смесь экспертов|"
        "混合专家|混合专家模型|专家混合|混合エキスパート|전문가 혼합"
    ),
    "kv-cache": (
        "kv缓存|键值缓存|kv-zwischenspeicher|cache kv|caché kv|кэш kv|кеш kv|キーバリューキャッシュ|kv 캐시|kv 缓存|"
        "kvキャッシュ"
    ),
    "attention": (
        "aufmerksamkeit|mécanisme d'attention|atención|atenção|внимание|механизм внимания|注意力|注意力机制|"
        "アテンション|어텐션"
    ),
    "transformer": "变换器|トランスフォーマー|трансформер|트랜스포머",
    "layer": "schicht|schichten|couche|couches|capa|capas|camada|camadas|слой|слои|слоёв|слоев|モデル層|레이어",
    "neural-network": (
        "neuronales netz|neuronale netze|réseau de neurones|red neuronal|redes neuronales|rede neural|нейросеть|"
        "нейронная сеть|神经网络|ニューラルネットワーク|신경망"
    ),
    "llm": (
        "großes sprachmodell|sprachmodell|sprachmodelle|grand modèle de langage|modèle de langage|modelo de lenguaje|"
        "modelo de linguagem|языковая модель|большая языковая модель|大语言模型|大模型|大規模言語モデル|"
        "거대 언어 모델"
    ),
    "prompt": "invite|提示词|提示詞|プロンプト|промпт|промт|프롬프트|eingabeaufforderung",
    "system-prompt": (
        "systemprompt|invite système|prompt de sistema|prompt do sistema|системный промпт|系统提示词|系统提示|"
        "システムプロンプト|시스템 프롬프트"
    ),
    "prompt-injection": "提示注入|提示词注入|プロンプトインジェクション|inyección de prompts|injection de prompt",
    "perplexity": "perplexität|perplexité|perplejidad|perplexidade|перплексия|困惑度|パープレキシティ",
    "distillation": (
        "destillation|wissensdestillation|destilación|destilação|дистилляция|蒸馏|蒸馏模型|蒸留|知识蒸馏|지식 증류"
    ),
    "pruning": "beschneiden|élagage|poda|прунинг|剪枝|枝刈り|가지치기",
    "overfitting": "überanpassung|surapprentissage|sobreajuste|sobreajustado|переобучение|过拟合|過学習|과적합",
    "learning-rate": (
        "lernrate|taux d'apprentissage|tasa de aprendizaje|taxa de aprendizado|скорость обучения|学习率|学習率|학습률"
    ),
    "batch-size": (
        "batchgröße|stapelgröße|taille de lot|tamaño de lote|tamanho do lote|размер батча|размер пакета|批大小|"
        "批次大小|バッチサイズ|배치 크기"
    ),
    "speculative-decoding": (
        "spekulatives dekodieren|décodage spéculatif|decodificación especulativa|decodificação especulativa|"
        "спекулятивное декодирование|投机解码|推测解码|投機的デコーディング|추측 디코딩"
    ),
    "flash-attention": "フラッシュアテンション|闪存注意力|플래시 어텐션",
    "tokens-per-second": (
        "tokens pro sekunde|jetons par seconde|tokens por segundo|токенов в секунду|токены в секунду|每秒token|"
        "每秒トークン|초당 토큰"
    ),
    "ttft": "首token延迟|首字延迟|首个token|zeit bis zum ersten token|최초 토큰",
    "latency": "latenz|latence|latencia|latência|задержка|延迟|レイテンシ|지연 시간",
    "throughput": "durchsatz|débit|rendimiento por segundo|пропускная способность|吞吐量|吞吐|スループット|처리량",
    "memory-bandwidth": (
        "speicherbandbreite|bande passante mémoire|ancho de banda de memoria|largura de banda de memória|"
        "пропускная способность памяти|显存带宽|内存带宽|メモリ帯域幅|メモリ帯域|메모리 대역폭"
    ),
    "unified-memory": (
        "gemeinsamer speicher|mémoire unifiée|memoria unificada|memória unificada|единая память|объединённая память|"
        "统一内存|ユニファイドメモリ|통합 메모리"
    ),
    "shared-gpu-memory": "gemeinsam genutzter gpu-speicher|共享gpu内存|共享显存|共有gpuメモリ|공유 gpu 메모리",
    "oom": (
        "speicher voll|mémoire insuffisante|memoria insuficiente|нехватка памяти|显存不足|内存不足|爆显存|メモリ不足|"
        "메모리 부족"
    ),
    "gpu-offload": "auslagern auf die gpu|gpu卸载|gpuオフロード|выгрузка на gpu|gpu 오프로드",
    "multi-gpu": (
        "mehrere grafikkarten|plusieurs gpu|varias gpu|múltiplas gpus|несколько видеокарт|多卡|多显卡|多gpu|"
        "マルチgpu|멀티 gpu"
    ),
    "tensor-parallelism": "张量并行|テンソル並列|тензорный параллелизм|텐서 병렬",
    "pipeline-parallelism": "流水线并行|パイプライン並列|конвейерный параллелизм|파이프라인 병렬",
    "continuous-batching": "连续批处理|連続バッチ処理|연속 배치",
    "diffusion-model": (
        "diffusionsmodell|modèle de diffusion|modelo de difusión|modelo de difusão|диффузионная модель|扩散模型|"
        "拡散モデル|확산 모델"
    ),
    "vision-model": (
        "多模态模型|视觉模型|視覚言語モデル|mehrmodales modell|modelo de visión|мультимодальная модель|비전 모델"
    ),
    "reasoning-model": (
        "推理模型|推論モデル|denkmodell|modelo de razonamiento|modèle de raisonnement|рассуждающая модель|추론 모델"
    ),
    "cot": (
        "gedankenkette|chaîne de pensée|cadena de pensamiento|cadeia de pensamento|цепочка рассуждений|思维链|"
        "思考の連鎖|사고의 사슬"
    ),
    "tool-calling": (
        "werkzeugaufruf|funktionsaufruf|appel d'outils|appel de fonction|llamada a funciones|chamada de ferramentas|"
        "вызов функций|вызов инструментов|工具调用|函数调用|ツール呼び出し|도구 호출"
    ),
    "agent": "ki-agent|agente de ia|智能体|エージェント|агент ии|에이전트",
    "local-llm": (
        "lokale ki|lokales sprachmodell|ia locale|ia local|локальная нейросеть|本地部署|本地大模型|ローカルllm|로컬 llm"
    ),
    "license": (
        "lizenz|licence du modèle|licencia del modelo|licença do modelo|лицензия модели|许可证|ライセンス|라이선스"
    ),
    "open-weights": (
        "offene gewichte|poids ouverts|pesos abiertos|pesos abertos|открытые веса|开放权重|オープンウェイト"
    ),
    "seed": "zufallsstartwert|graine aléatoire|semilla aleatoria|semente aleatória|随机种子|乱数シード|시드 값",
    "repeat-penalty": (
        "wiederholungsstrafe|pénalité de répétition|penalización por repetición|penalidade de repetição|"
        "штраф за повторы|重复惩罚|繰り返しペナルティ"
    ),
    "chat-template": "聊天模板|对话模板|チャットテンプレート|plantilla de chat|modèle de conversation|шаблон чата",
    "tts": (
        "sprachausgabe|synthèse vocale|texto a voz|texto para fala|синтез речи|语音合成|文字转语音|音声合成|음성 합성"
    ),
    "asr": (
        "spracherkennung|reconnaissance vocale|reconocimiento de voz|reconhecimento de fala|распознавание речи|"
        "语音识别|音声認識|음성 인식"
    ),
    "ocr": (
        "texterkennung|reconnaissance de texte|reconocimiento de texto|распознавание текста|文字识别|文字認識|문자 인식"
    ),
    "knowledge-cutoff": "wissensstand|date de coupure|fecha de corte|知识截止|知識カットオフ|지식 컷오프",
    "benchmark": "基准测试|ベンチマーク|бенчмарк|벤치마크",
    "dataset": (
        "datensatz|jeu de données|conjunto de datos|conjunto de dados|датасет|набор данных|数据集|データセット|데이터셋"
    ),
    "privacy": "datenschutz|confidentialité|privacidad|privacidade|приватность|隐私|プライバシー|개인정보",
    "thinking-tokens": "思考token|思考トークン|denk-tokens",
    "power-limit": "功耗限制|功耗墙|電力制限|leistungsbegrenzung|limite de potencia|лимит мощности",
    "driver": (
        "显卡驱动|grafiktreiber|pilote graphique|controlador de gráficos|драйвер видеокарты|グラフィックドライバ|"
        "그래픽 드라이버"
    ),
    "vocabulary": "vokabular|vocabulaire|vocabulario|vocabulário|词表|語彙|словарь модели|어휘",
    "lora": "低秩适配|低秩适应",
    "structured-output": "结构化输出|構造化出力|strukturierte ausgabe|salida estructurada|sortie structurée",
    "jailbreak": "越狱|脱獄プロンプト|джейлбрейк",
    "checkpoint": "检查点|чекпоинт|チェックポイント",
    "mmap": "内存映射|メモリマップ",
    "cpu-offload": "cpu卸载|cpuオフロード|выгрузка на cpu",
}
"""Term id → its names in other languages, separated by `|`, lower case."""
