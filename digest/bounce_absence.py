"""Whether a sentence says that somebody or some domain is not there, in words no list of wordings foresaw. Pure.

The last look at a text: a sentence that names a mailbox or its owner, says of it that it is not there (a negation
beside a word of being, knowing or finding, or a word like "deleted"), and names nobody and nothing else that could be
meant (a sender, a permission, a limit). What known wordings mean is `bounce_wordings`' task, which is asked first.
The words of other languages are dictionary words, in the form `bounce_reasons.plain` gives a text.
"""

from __future__ import annotations

import re
from typing import Final


def _any(text: str, *, whole: bool = False) -> re.Pattern[str]:
    """Compile a block of beginnings of words, one as good as the other; `whole`: of whole words."""
    end = r"(?![^\W_])" if whole else ""
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(text.split())}){end}")


_SENTENCE: Final = re.compile(r"[.;:!?|]+(?:\s|$)|[()\[\]<>]|\s[-–—]+\s|[。；！？：（）]")
_SENTENCE_MAX: Final = 200
_SENTENCES_MAX: Final = 60
_SOMEBODY: Final = _any(r"""
    user recipient mailbox mail-box account e-?mail\saddress address inbox alias customer person employee colleague rcpt
    nutzer benutzer empfanger empfaenger postfach konto adress utilisateur destinat compte boite usuario cuenta buzon
    direccion conta caixa endereco utente casella indirizzo gebruiker ontvanger postvak uzytkownik odbiorc skrzynk
    anvandar mottagar brug bruker kayttaj uzivatel prijemc schrank felhasznal cimzett kullanic alici hesap pouzivatel
    utilizator penerima pengguna nguoi пользовател получател адресат адрес ящик аккаунт користувач одержувач скринь
""")
_SOMEBODY_CJK: Final = re.compile(
    "用户|用戶|收件|邮箱|郵箱|信箱|账号|帐号|帳號|地址|使用者|ユーザ|宛先|受信者|アカウント|アドレス|メールボックス|사용자|계정|수신자|주소|사서함"
)
_DOMAIN: Final = _any(r"domain domane domaine dominio домен host")
_NO: Final = _any(
    r"""
    no not non never cannot nobody none without unable failed nicht kein keine keinen pas aucun aucune ningun ninguna
    nao nenhum nenhuma nessun nessuna niet geen nie brak inte ingen ikke ei neni nem nincs yok degil nu nav tidak khong
    не нет ни немає нема
    """,
    whole=True,
)
_NOT: Final = re.compile(r"n't\b|\bno longer\b|\bceased to\b")
_NO_SUCH: Final = re.compile(
    r"\b(?:no|not an?|kein|keine|aucune?|ningun|ninguna|nenhuma?|nessuna?|geen|brak|ingen|нет) (?:\S{1,20} )?"
    r"(?:account|mailbox|user|recipient|person|konto|postfach|empfanger|benutzer|compte|utilisateur|destinataire|cuenta"
    r"|buzon|usuario|conta|utente|casella|gebruiker|ontvanger|postvak|konta|skrzynki|bruker|пользовател|ящик|аккаунт)"
)
_NO_CJK: Final = re.compile("不存|不正|未找|未注|无此|無此|没有|沒有|无效|無效|없")
_THERE: Final = _any(r"""
    exist found find locat known? record recogni regist valid(?!at) resolv such here with\sus employ hier vorhanden
    gefunden bekannt gultig zugeordnet existe connu trouv encontr conocid registrad conhecid esiste trovat conosciut
    registrat bestaat gevonden bekend istniej znalezion finns findes finnes hittad kendt kjent loydy ole nalezen znam
    letez talalhat bulun mevcut kayitl exista gasit ditemukan ton\stai существ найден зарегистр знач такого такой існу
    знайден
""")
_GONE: Final = _any(r"""
    obsolete void defunct wrong bad incorrect misspel mistyped invalid illegal unknown inexist inesist nonexist
    non-exist deleted removed erased departed deceased retired has\sleft unbekannt ungultig geloscht supprim inconnu
    eliminad eliminat borrad apagad desconoc desconhec sconosciut cancellat verwijderd onbekend usuniet nieznan
    okand ukendt ukjent slettet raderad tuntematon poistet neznam smazan zrusen ismeretlen torolt silin bilinm gecersiz
    necunoscut sters dihapus удален удалён неизвестн несуществующ видален невідом
""")
_GONE_CJK: Final = re.compile("不明|不存在|删除|刪除|注销|註銷|削除|退会|退職|無効|해지|탈퇴|삭제")
_ELSE: Final = _any(r"""
    sender from your? envelope helo ehlo client relay ip permi allow authori authenti accept receiv deni denied refus
    full quota space limit exceed size disab suspend lock block spam virus polic tempor again later busy mx certificate
    tls ssl command argument syntax sequence attach content header message-id subject group list subscri member
    verif server system connect time dns program deliver reach send sent error final original status
    action process zustell zugestell remis livr entreg consegn recapit bezorg dostarcz levere доставл отправл
    absender expedite remit mittente afzender nadawc avsandar afsender odesilatel gonderen отправител відправник
""")
_ELSE_CJK: Final = re.compile(
    "发件|發件|寄件|送信者|差出人|拒|権限|权限|權限|グループ|群组|群組|发送|發送|配信|送信|届|投递|投遞|送达|送達|발신|보낸|배달|전송"
)


def who_is_absent(compared: str) -> str:
    """Return `userunknown` or `hostunknown` where a sentence says so, else an empty text. `compared`: by `plain`."""
    for sentence in _SENTENCE.split(compared)[:_SENTENCES_MAX]:
        if not sentence or len(sentence) > _SENTENCE_MAX or _ELSE.search(sentence) or _ELSE_CJK.search(sentence):
            continue
        if not _is_not_there(sentence):
            continue
        if _SOMEBODY.search(sentence) or _SOMEBODY_CJK.search(sentence):
            return "userunknown"
        if _DOMAIN.search(sentence):
            return "hostunknown"
    return ""


def _is_not_there(sentence: str) -> bool:
    if any(pattern.search(sentence) for pattern in (_GONE, _GONE_CJK, _NO_CJK, _NO_SUCH)):
        return True
    return bool((_NO.search(sentence) or _NOT.search(sentence)) and _THERE.search(sentence))
