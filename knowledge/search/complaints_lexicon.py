"""The words by which complaints.py hears what no single word says. Data only, folded (no accents), separated by spaces.

English, German, French, Spanish, Portuguese and Russian; scripts without spaces are heard by patterns there.
"""

from __future__ import annotations

from typing import Final

DENIED_VERBS: Final[dict[str, str]] = {
    "@unused": (
        "use uses used using utilize utilizes utilized utilise utilises utilised touch touches touched detect "
        "detects detected detecting see sees seen find finds found recognise recognises recognised recognize "
        "recognizes recognized pick picks picked show shows engage involved benutzt benutzen nutzt nutzen genutzt "
        "verwendet verwenden erkennt erkannt erkennen sieht findet gefunden nimmt angesprochen utilise utilisee "
        "utiliser nutilise detecte detectee reconnait reconnu reconnue voit trouve usa usar usando utiliza "
        "utilizando utilizar detecta detectada reconoce encuentra usada utilizada reconhece encontra detectado "
        "использует используется использовать видит находит определяется обнаруживает задействует задействована "
        "задействуется распознает"
    ),
    "@hang": (
        "respond responds responding reply replies react reacts antwortet reagiert repond reagit responde reacciona "
        "reage отвечает реагирует"
    ),
    "@endless": "stop stops stopping finish aufhort stoppt sarrete termina останавливается заканчивает",
    "@fail": (
        "work works worked working load loads loaded loading start starts started starting run runs launch launches "
        "open opens build builds compile compiles install installs import imports accept accepts accepted "
        "funktioniert geht startet ladt lauft laden starten offnet klappt marche fonctionne demarre charge souvre "
        "funciona arranca carga inicia abre carrega работает запускается загружается грузится открывается "
        "собирается"
    ),
    "@refused": (
        "connect connects reach reaches reachable verbinden verbindet erreichbar erreicht connecter joindre "
        "joignable conectar conecta alcanzar подключается подключиться достучаться"
    ),
    "@oom": "fit fits enough passt reicht genug tient suffit assez cabe alcanza suficiente хватает помещается влезает",
}
"""Concept → verbs that mean it when they are denied."""

NOUNS: Final[dict[str, str]] = {
    "file": "datei dateien modelldatei fichier archivo fichero arquivo ficheiro файл файла файлы",
    "model": "modell modelle modells modele modeles modelo modelos модель модели",
    "cpu": "prozessor procesador processeur processador процессор процессоре процессора",
    "processor": "prozessor procesador processeur processador процессор процессоре процессора",
    "word": "wort worter mot mots palabra palabras palavra palavras слово слова",
    "sentence": "satz satze phrase phrases frase frases предложение предложения",
    "symbols": "zeichen symbole caracteres symboles simbolos символы знаки",
    "minutes": "minuten minutos минут минуты",
    "memory": "speicher",
    "unload": "entladt entladen decharge descarrega выгружает выгружается",
    "forget": "vergisst vergessen oublie olvida esquece забывает",
    "full": "voll plein pleine lleno llena cheio cheia полный заполнен",
    "driver": "treiber pilote controlador driver драйвер драйвера",
    "computer": "rechner ordinateur ordenador computadora computador компьютер компьютера",
    "request": "anfrage anfragen requete requetes peticion peticiones solicitud запросы запросов",
    "long": "lange lang lango largo larga longo longue долго",
    "first": "erste ersten erstes premier premiere primero primera primeiro primeira первый первое первого",
    "two": "zwei deux dos dois duas две два",
    "second": "zweite zweiten deuxieme segunda вторая вторую второй",
    "container": "conteneur contenedor contenedora contenidor контейнер контейнере",
    "key": "schlussel cle clave chave ключ",
    "version": "fassung версия версии версию",
    "library": "bibliothek bibliotheque biblioteca библиотека библиотеку",
    "compile": "ubersetzen kompilieren compiler compilar собрать скомпилировать",
    "download": "herunterladen telecharger descargar baixar скачать скачивание",
    "half": "halb halfte moitie mitad metade половина",
}
"""English word → the same in other languages."""

DENIALS: Final = (
    "not no never nothing none without doesnt dont didnt isnt arent wasnt werent wont cant cannot couldnt wouldnt "
    "hasnt havent nicht kein keine keinen keiner nie nichts ohne ne pas aucun aucune jamais sans nunca ningun ninguna "
    "sin nada nao sem nenhum nenhuma nem не нет никогда без ни"
)
"""Words that deny."""
ONLY: Final = (
    "only just solely purely exclusively nur ausschliesslich seulement uniquement solo somente apenas только лишь"
)
"""Words that leave out everything else."""
PROCESSOR: Final = "cpu cpus processor prozessor procesador processeur processador процессор процессоре процессора"
"""The processor, as against the graphics card."""
LOSSES: Final = "lost lose loses losing loss half halved drop drops dropped cost costs down fell less"
"""Words by which people tell of a speed that fell."""
RUBBISH: Final = ("//////", "@@@@", "$$$$", "%%%%", "&&&&", "gggggg", "GGGGGG", "000000000", "??????", "!!!!!!")
"""What a broken model writes: one sign again and again."""
