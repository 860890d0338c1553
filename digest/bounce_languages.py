"""The words of other languages for what mail servers say: full, blocked, suspended, nobody here. Data alone.

Dictionary words, in the form `bounce_reasons.plain` gives a text: lower case, Latin letters without accents. Which of
them outranks which is `bounce_wordings`' task.
"""

from __future__ import annotations

import re
from typing import Final


def _all(text: str) -> tuple[str, ...]:
    """Return the words of a block: a bar between blanks separates them."""
    return tuple(re.split(r"\s+\|\s+", text.strip()))


FULL: Final = _all(r"""
    postfach .{0,30}(?:voll|uberfullt) | speicher\S*.{0,24}(?:voll|erschopft|uberschritten) |
    (?:boite|messagerie|bal).{0,40}(?:pleine|saturee) | (?:buzon|casilla).{0,30}llen[oa] |
    (?:cuota|espacio|cota).{0,24}(?:excedid|superad|agotad) | caixa.{0,30}(?:cheia|lotada) | casella.{0,30}piena |
    (?:postvak|mailbox).{0,16}vol\b | skrzynka.{0,24}(?:pelna|przepelniona) |
    (?:brevlada|postkasse|postboks).{0,16}ful[ld] | schranka.{0,16}plna | posta kutusu.{0,12}dolu | переполнен |
    превышен.{0,24}(?:квот|объ|размер|лимит) | (?:容量|空间|空間).{0,12}(?:超|不足|オーバー) | いっぱい | 満杯 |
    [邮郵信]箱.{0,6}[满滿] | 已[满滿] | 가득 | 용량.{0,8}초과
""")
SPAM: Final = _all(r"""
    垃圾邮件 | спам | spam.{0,24}(?:verdacht|erkannt)
""")
BLOCKED: Final = _all(r"""
    banni | gesperrt
""")
FOR_NOW: Final = _all(r"""
    vorubergehend | temporairement | temporalmente | временно
""")
SUSPENDED: Final = _all(r"""
    deaktiviert | desactiv | disattivat | 停用 | 禁用 | 冻结 | 凍結 | заблокирован | отключен
""")
PERHAPS: Final = _all(r"""
    il se peut | peut-etre | moglicherweise | vielleicht | konnte es sein | es posible que | quizas? | tal vez |
    e possibile che | forse | pode ser que | talvez | (?<!не)возможно | misschien | 可能(?!性) | 也许 | 也許
""")
PERHAPS_AFTER: Final = _all(r"""
    可能性があ | かもしれ | 恐れがあ | おそれがあ | 수도 있
""")
"""The same where the doubt stands at the end of its sentence."""
NO_HOST: Final = _all(r"""
    域名不存在 | domaine? (?:inconnu|inexistant) | домен.{0,20}не (?:существ|найден)
""")
NOBODY: Final = _all(r"""
    (?:見つか|見当た|存在|登録|使われ|利用され|使用され|リスト|一覧|該当)[^。、 ]{0,12}(?:ません|ない|せず|なし) |
    [宛あ]て?先不明 | 無効な(?:アドレス|宛先|メールアドレス) | 不明なユーザ | 不存在 | 無此 |
    无此 | 查无 | 找不到 | 没有此 | 未找到 | 无效(?:的)?(?:地址|收件|用户) | 未知用户 | 존재하지 않 | 찾을 수 없 |
    없는 (?:사용자|계정|수신자|주소) | 알 수 없는 (?:사용자|수신자) | не существует | не найден |
    нет так(?:ого|ой) | так(?:ого|ой) \S{3,24} нет | неизвестн | не зарегистрирован | отсутствует |
    не існує | не знайдено | невідом | unbekannt | existiert nicht |
    nicht (?:gefunden|vorhanden|bekannt) | ungu?e?ltige? (?:empfa?e?nger|adresse) |
    nicht mehr (?:gu?e?ltig|vergeben) | inconnue?s?\b | introuvable | n.existe (?:pas|plus) | inexistant |
    non trouvee? | destinataire invalide | adresse .{0,40}invalide | desconocid[oa] | no existe |
    no (?:se )?(?:ha )?(?:sido )?encontrad[oa] | inexistente | desconhecid[oa] |
    nao (?:existe|(?:foi )?encontrad[oa]) | sconosciut[oa] | inesistente | non (?:esiste|trovat[oa]) | onbekend |
    bestaat niet | niet gevonden | nieznan[ya] | nie (?:istnieje|ma takiego|znaleziono) | brak takiego | okand |
    ukjent | ukendt | finns inte | findes ikke | finnes ikke | existerar inte |
    (?:kayttaja|vastaanottaja|postilaatikko)\S* (?:\S+ ){0,2}?(?:ei|tuntematon) | tuntematon | neznam[ya] |
    neexistuje | nenalezen | ismeretlen | nem (?:letezik|talalhato) | necunoscut | nu exista | bulunamadi |
    bilinmeyen | mevcut degil | gecersiz | khong ton tai | tidak (?:ditemukan|dikenal) | αγνωστος | δεν υπαρχει |
    غير موجود | לא קיים
""")
