"""What local-AI users call things: each concept with the words and phrases for it. Data only, no behaviour.

A concept is one token for several ways of saying a thing ("out of memory", "OOM", "显存不足" → `@oom`), so that prose
can be matched without the engine's own words. The lists are ours; words stand for themselves, spaces make phrases.
"""

from __future__ import annotations

from typing import Final

CONCEPTS: Final[dict[str, str]] = {
    "@oom": (
        "out of memory|oom|ran out of memory|runs out of memory|run out of memory|"
        "not enough memory|insufficient memory|insufficient vram|not enough vram|out of vram|"
        "ran out of vram|runs out of vram|memory exhausted|no memory left|exceeds memory|"
        "too little memory|too little vram|显存不足|内存不足|爆显存|显存溢出|memory error|doesnt fit|"
        "does not fit|wont fit|too big for|too large for|exceeds vram|memory is full|"
        "vram is full|vram full|memory full|no more memory|out of gpu memory|"
        "out of system memory|memory allocation failed|cannot allocate memory|"
        "failed to allocate memory|allocation failure|nicht genug speicher|memoria insuficiente|"
        "显存不够|内存不够|内存溢出|爆内存"
    ),
    "@vram": "vram|gpu memory|video memory|graphics memory|gpu ram|显存|device memory|card memory",
    "@ram": "system memory|system ram|main memory|host memory|cpu memory|内存",
    "@slow": (
        "slow|slower|slowly|sluggish|crawl|crawls|crawling|snail|painfully slow|"
        "takes forever|taking forever|very long time|takes ages|long time|laggy|lag|low speed|"
        "poor performance|bad performance|低速|很慢|太慢|变慢|慢|slowdown|slow down|slowed down|"
        "reduced speed|low throughput|speed drop|performance drop|takes minutes|super slow|"
        "extremely slow|really slow|too slow|so slow|low tokens per second|low t/s|low tps|"
        "slower than expected|takes too long|takes hours|takes a long time|high latency|"
        "slowness|speed is bad|bad speed|langsam|lento|速度慢|变得很慢|性能下降|太慢了"
    ),
    "@hang": (
        "hang|hangs|hanging|hung|freeze|freezes|frozen|freezing|stuck|gets stuck|"
        "unresponsive|locks up|lock up|locked up|stops responding|not responding|no response|"
        "deadlock|never returns|never finishes|never responds|waits forever|卡住|卡死|stalls|"
        "stalled|nothing happens|no progress|does nothing|spins forever|hangs forever|"
        "stop responding|stalls forever|just sits there|freezing up|无响应|没有响应|一直卡|挂起|不动了"
    ),
    "@crash": (
        "crash|crashes|crashed|crashing|core dumped|core dump|coredump|dies|died|abort|"
        "aborts|aborted|closes itself|崩溃|闪退|shuts down|quits|exits immediately|"
        "exits silently|terminated unexpectedly|blue screen|closes unexpectedly|crash to desktop|"
        "exits without|dies with|goes down|bricht ab|absturz|奔溃|挂掉|退出了|中止"
    ),
    "@gibberish": (
        "gibberish|garbage|nonsense|incoherent|random characters|random words|weird characters|"
        "garbled|rubbish|word salad|乱码|jibberish|nonsensical|strange output|broken output|"
        "bad output|wrong output|corrupted output|exclamation marks|gggg|random tokens|"
        "meaningless|weird output|mojibake|trash output|corrupt output|question marks|"
        "random text|strange characters|strange symbols|random letters|weird symbols|"
        "nonsense text|garbage text|unreadable|mangled|gibberish text|random symbols|"
        "makes no sense|no sense|weird text|wrong answers|胡言乱语|输出异常|输出错误|全是感叹号"
    ),
    "@repeat": (
        "repeat|repeats|repeating|repetition|repetitive|same sentence|over and over|in a loop|"
        "looping|loops|重复|same thing again|again and again|same words|same text|same answer|"
        "same line|repeated|repeated text|repetitions|loops forever|重复输出|复读|循环输出"
    ),
    "@endless": (
        "never stops|doesnt stop|does not stop|wont stop|will not stop|keeps generating|"
        "keeps going|keeps talking|endless|endlessly|infinite|infinitely|not stopping|"
        "non stop|nonstop|talks to itself|answers itself|without stopping|wont shut up|"
        "never ends|does not end|doesnt end|goes on forever|runs forever|generates forever|"
        "infinite generation|unlimited output|no end|停不下来|一直生成|无限生成|不停"
    ),
    "@cutoff": (
        "cut off|cuts off|cutoff|truncated|truncates|stops early|stops mid|mid sentence|"
        "incomplete answer|unfinished|incomplete|stops too early|interrupts|interrupted|"
        "short answer|stops suddenly|half sentence|uncomplete|ends abruptly|stops in the middle|"
        "stop in the middle|in the middle of a sentence|cut short|cuts short|ends early|"
        "ends too early|not finished|not complete|answer ends|stops generating|stops after|截断|"
        "被截断|输出不完整|中断"
    ),
    "@empty": (
        "empty response|empty answer|blank response|blank answer|no output|empty output|"
        "nothing comes back|returns nothing|empty string|empty reply|no text|zero text|"
        "empty content|no answer|empty stream|blank|blank output|returns empty|empty message|"
        "zero tokens|no content|empty result|empty text|empty|返回空|空白|输出为空|没有输出"
    ),
    "@regress": (
        "after update|after updating|after upgrade|after upgrading|since update|"
        "since the update|since updating|since upgrading|since upgrade|after the update|"
        "after the upgrade|newest version|latest version|newer version|new version|regression|"
        "latest build|new build|older version|previous version|downgrade|downgrading|"
        "used to work|worked before|worked fine before|newest build|newest builds|last commit|"
        "recent commit|first bad commit|last build|latest commit|worked fine|latest release|"
        "after upgrade to|older build|previous build|previous release|old version works|"
        "in the older version|since version|since v|broke after|broken since|"
        "stopped working after|started after|earlier version|downgraded|升级后|更新后|新版本|旧版本"
    ),
    "@unused": (
        "not used|isnt used|is not used|not using|doesnt use|does not use|wont use|"
        "not utilised|not utilized|unused|idle|ignored|ignores|no usage|not detected|"
        "cant find|cannot find|can not find|not found|not recognised|not recognized|"
        "doesnt detect|does not detect|not detecting|wont detect|undetected|not see|doesnt see|"
        "does not see|only uses cpu|only cpu|cpu only|runs on cpu|running on cpu|"
        "falls back to cpu|fallback to cpu|uses cpu|using cpu|instead of gpu|0% gpu|gpu 0%|"
        "no gpu|not being used|isnt being used|never used|no gpu usage|without gpu|"
        "doesnt utilize|does not utilize|not picking up|doesnt pick up|high cpu|100% cpu|"
        "cpu at 100%|cpu 100%|no gpu found|gpu is ignored|cannot see|cant see|invisible|"
        "not visible|not showing up|doesnt show up|unrecognized|not offloaded|not offloading|"
        "stays at 0|stays idle|无法使用|没有使用|未使用|用不了|不使用|没有用到|检测不到|识别不到|只用"
    ),
    "@refused": (
        "connection refused|cannot connect|cant connect|can not connect|could not connect|"
        "couldnt connect|unable to connect|failed to connect|connection failed|connection error|"
        "wont connect|doesnt connect|not reachable|unreachable|cant reach|cannot reach|"
        "could not reach|not able to connect|talk to|refuses connection|connection was refused|"
        "no connection|econnrefused|connection reset|cannot be reached|not connect|连接失败|无法连接|"
        "连接被拒绝|连不上|连接超时"
    ),
    "@gpu": ("gpu|gpus|graphics card|video card|graphic card|显卡|nvidia card|amd card|geforce|rtx|gtx|radeon"),
    "@multigpu": (
        "multi gpu|multiple gpus|two gpus|2 gpus|dual gpu|both gpus|second gpu|several gpus|"
        "3 gpus|4 gpus|8 gpus|2x|4x|8x|other gpu|multigpu|gpu 1|gpu1|多卡|双卡|"
        "multiple cards|two cards|all gpus|second card|多张卡|两张卡|双显卡|多gpu"
    ),
    "@build": (
        "compile|compiling|compiled|compilation|compiles|build|building|builds|cmake|编译|"
        "build fails|wont compile|编译失败|构建"
    ),
    "@install": "install|installing|installed|installation|installs|pip|setup|安装|wheel|wheels|安装失败",
    "@load": "load|loading|loaded|loads|launch|launching|opening|加载|启动|加载模型",
    "@download": "download|downloading|downloads|downloaded|pull|pulling|pulls|下载|fetch|下载失败",
    "@fail": (
        "fail|fails|failed|failing|failure|error|errors|cannot|cant|unable|broken|"
        "doesnt work|does not work|not working|wont work|wont|problem|issue|报错|失败|错误|"
        "invalid|funktioniert nicht|no funciona|fehler|nao funciona|ne marche pas|crashes with|"
        "exception|traceback|refuses to|无法|出错|异常|不能"
    ),
    "@context": (
        "context|context length|context size|context window|n_ctx|num_ctx|ctx|max_model_len|"
        "max model len|上下文|long context|sequence length|max_seq_len|context limit|max ctx|"
        "max context|上下文长度|长文本"
    ),
    "@prompt": "prompt|prompts|input|提示词|message",
    "@output": "output|answer|answers|response|responses|reply|generation|completion|回答|输出",
    "@update": "update|updating|updated|upgrade|upgrading|upgraded|更新|升级",
    "@template": "template|chat template|prompt template|jinja|jinja2|templates|模板",
    "@vision": (
        "image|images|vision|picture|pictures|photo|photos|multimodal|mmproj|llava|screenshot|video|图片|图像|多模态"
    ),
    "@tools": (
        "tool|tools|tool calling|tool call|tool calls|function calling|function call|"
        "function calls|functions|工具调用|函数调用"
    ),
    "@think": "thinking|think tags|reasoning|think|reasoning content|think tag|chain of thought|思考",
    "@kv": "kv cache|kvcache|kv|key value cache|cache quantization|quantized cache|kv quant|缓存",
    "@fa": "flash attention|flash attn|flashattention|fa2|fa3|flash_attn|-fa",
    "@spec": "speculative|speculative decoding|draft model|draft|eagle|mtp|spec decode",
    "@quantize": ("quantize|quantise|quantizing|quantization|quantized|requantize|量化|quantisation|llama-quantize"),
    "@convert": ("convert|converting|conversion|converted|converter|converts|convert_hf_to_gguf|convert.py|转换"),
    "@disk": "disk|disk space|storage|hard drive|ssd|drive|partition|硬盘|磁盘",
    "@perm": "permission|permissions|permission denied|access denied|not permitted|chown|权限",
    "@windows": "windows|win10|win11|windows 10|windows 11",
    "@mac": "mac|macos|macbook|m1|m2|m3|m4|m5|apple silicon|mac studio|mac mini|osx",
    "@linux": "linux|ubuntu|debian|arch|fedora|nixos|manjaro",
    "@amd": "amd|rocm|hip|radeon|rx|vega|navi|gfx|mi50|mi100|mi300|instinct|apu",
    "@intel": "intel|sycl|oneapi|arc|ipex|level zero|xpu",
    "@old": "old|older|ancient|outdated|legacy",
    "@new": "new|newest|latest|just released",
    "@memory": "memory|mem",
    "@network": "network|proxy|firewall|corporate|vpn|dns|代理|网络",
}
"""Concept → the ways of saying it, separated by `|`."""

STOP_WORDS: Final = (
    "a an the and or of to in on at for from by with is are was were be been am i me my we our you your it its "
    "this that these those do does did have has had can could would should will shall may might there here "
    "then than so as if but when where while who whom what which why how get gets got getting just also very "
    "really too only some any all more most much many other into out up down over under again about after "
    "before during between not no please thanks thank hi hello hey help need want trying try tried use using "
    "used seem seems one via vs etc like im ive dont know way anyone else same still now even thing things "
    "make makes made something everything it's "
)
"""Words that say nothing about a question, separated by spaces."""

_COMMON = (
    "adapter adapters agent agents alignment analytics b batch beam beams benchmark block censored chunk chunks "
    "citations cluster container containers cutoff dense deterministic drafter driver epoch eval expert gate grammar "
    "guidance heads hub interleaved lag latency latent layer leaderboard license licenses max memory merge merged "
    "merging metrics monitoring n offline overlap paging preemption privacy prompt prune r reasoning refusal refuse "
    "refused refusing registry replicas risers rotary router seed server servers serving shard shards slots "
    "speculation speculative steps stream streaming swap t temp think threads tok token tools train training ultra "
    "kernel loss uncensored upscale vector vectors "
)
COMMON_NAMES: Final = frozenset(_COMMON.split())
"""Names of terms that are everyday words too: a term is meant only where the question is about nothing else."""

COMPLAINTS: Final = frozenset(
    {"@oom", "@slow", "@hang", "@crash", "@gibberish", "@repeat", "@endless", "@cutoff", "@empty", "@regress"}
    | {"@unused", "@refused", "@perm"}
)
"""Concepts that say what goes wrong, not merely that something does."""

TOOL_WORDS: Final[dict[str, set[str]]] = {
    "llama.cpp": {
        "llama.cpp",
        "llamacpp",
        "llama-server",
        "llama-cli",
        "llama-bench",
        "llama-quantize",
        "ggml",
        "gguf",
        "ggerganov",
    },
    "ollama": {"ollama"},
    "vllm": {"vllm"},
    "sglang": {"sglang"},
    "lm studio": {"lmstudio", "lm-studio", "lms"},
    "comfyui": {"comfyui", "comfy"},
    "koboldcpp": {"koboldcpp", "kobold"},
    "exllama": {"exllama", "exllamav2", "exllamav3", "tabbyapi", "exl2", "exl3"},
    "text-generation-webui": {"oobabooga", "text-generation-webui", "textgen"},
    "open-webui": {"open-webui", "openwebui", "open_webui"},
    "mlx": {"mlx", "mlx-lm", "mlx_lm"},
    "ik_llama.cpp": {"ik_llama.cpp", "ik_llama", "ikawrakow"},
    "llama-cpp-python": {"llama-cpp-python", "llama_cpp_python", "llama_cpp"},
    "transformers": {"transformers", "accelerate", "peft"},
    "docker": {"docker"},
}
"""Tool → the words that name it in a text."""
PLATFORM_WORDS: Final[dict[str, set[str]]] = {
    "cuda": {"cuda", "nvidia", "rtx", "gtx", "geforce", "cublas"},
    "rocm": {"rocm", "hip", "amd", "radeon", "gfx"},
    "vulkan": {"vulkan", "ggml_vulkan"},
    "metal": {"metal", "macos", "mac", "macbook", "m1", "m2", "m3", "m4", "ggml_metal"},
    "intel": {"sycl", "oneapi", "ipex", "level-zero"},
    "windows": {"windows", "win10", "win11"},
    "wsl": {"wsl", "wsl2"},
    "android": {"android", "termux"},
    "macos": {"macos", "mac", "macbook"},
}
"""Platform → the words that name it in a text."""

_SCENE = (
    "qwen llama mistral gemma deepseek phi gpt glm kimi strix halo mac studio mini pro max pi raspberry jetson orin "
    "spark threadripper epyc xeon ryzen igpu dgpu apu laptop notebook desktop pc @gpu @amd @intel @mac @windows @linux"
)
SCENE_WORDS: Final = frozenset(_SCENE.split()) | {
    name for names in (*TOOL_WORDS.values(), *PLATFORM_WORDS.values()) for name in names
}
"""Words and concepts that say where something happens, not what: programs, machines, systems, families of models."""

_DOMAIN = (
    "model models llm llms modell modelo modele модель модели 模型 gguf ggml safetensors checkpoint weights "
    "quant quants quantized lora token tokens tps tok tokenizer embedding embeddings inference prompt "
    "prompts context ctx num_ctx n_ctx vram ngl layers layer tensor tensors cuda rocm vulkan metal hip "
    "sycl nvidia radeon gpu gpus cublas nccl nvml nvcc cudnn triton torch pytorch xformers flashattention "
    "huggingface hf llama qwen mistral mixtral gemma deepseek phi falcon vicuna alpaca flux sdxl whisper "
    "llava glm kimi gpt chatbot openai jinja mmproj webui gradio koboldai bitsandbytes autogptq awq gptq "
    "exl2 exl3 fp8 bf16 fp16 moe draft speculative samplers sampling termux wsl wsl2 copilot server "
    "webserver api ai ki @vram @gpu @multigpu @template @kv @fa @spec @quantize @convert @amd @intel "
    "@tools @think @context @gibberish "
)
DOMAIN_WORDS: Final = frozenset(_DOMAIN.split()) | {name for names in TOOL_WORDS.values() for name in names} - {
    "docker"
}
"""Words and concepts of which a question about local AI holds at least one."""

_ELSEWHERE = (
    "button slider sidebar theme dark layout icon avatar font colour color scroll shortcut keyboard clipboard copy "
    "export title language translation translate ui gui frontend webui page tab dialog tooltip progress history "
    "settings preferences preset rename conversation timestamp log logs verbosity statistics metric metrics chart "
    "telemetry typo spelling docs documentation readme example tutorial license licence contributor release notes ci "
    "test tests unit refactor rename cleanup lint flaky commit workflow actions helm replica ansible "
    "best recommend recommendation suggest suggestion versus compare comparison difference better worth buy price "
    "review advice opinion favourite choose legal commercial subscription "
    "mirostat logit_bias top_k top_p min_p logprobs n_probs penalty sampler samplers seed deterministic "
    "accuracy degrade perplexity mmlu benchmark score evaluation harness quality hallucinate hallucination refuses "
    "polite style translation summary summarise roleplay creative strawberry math "
    "streaming stream chunk chunks sse usage finish_reason done ordering order "
    "electricity noise fan fans coil whine temperature case riser cable "
    "privacy password user users account login notification sync mobile website domain"
)
ELSEWHERE: Final = frozenset(_ELSEWHERE.split())
"""Words of reports and questions that are seldom about anything an error class covers."""
