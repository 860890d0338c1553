"""What mail servers write when they refuse a mail: wordings by cause, most telling cause first. Data alone.

The order is the judgement: a wording that names a cause stands before one that names a symptom, and a cause that may
pass before one that never will, except where the words leave no doubt. Texts are held against it in lower case and
without Latin accents (`bounce_reasons.plain`), so a wording is written that way. It decides nothing: that is
`bounce_reasons`' task.

A wording is a grammar wherever one can be given (who × is absent) and a phrase only where a system has its own. They
follow RFC 5321 (4.2.2), RFC 3463 with IANA's registry, the manuals and sources of Postfix, Exim, Sendmail, qmail and
vpopmail, Courier and Exchange (its list of non-delivery reports), and what Gmail, Outlook.com, Yahoo, AOL, Mimecast,
Cisco ESA, Tencent, NetEase, Mail.Ru, au, docomo, GMX and Orange publish about their replies for senders; ZoneMTA's and
KumoMTA's published rules were read to see which of these are met. The words of other languages are dictionary words.
"""

from __future__ import annotations

import re
from typing import Final

from digest.bounce_languages import BLOCKED, FOR_NOW, FULL, NO_HOST, NOBODY, PERHAPS, PERHAPS_AFTER, SPAM, SUSPENDED

_WHO: Final = (
    r"(?:user(?:[- ]?(?:id|name))?|recipients?|recip|mail[- ]?box|account|e-?mail|address(?:ee)?|inbox|alias|login"
    r"|customer|subscriber|person|destination|rcpt|local[- ]part)"
)
_NOT_SENDER: Final = r"(?!(?:\S+ ){0,2}?(?:sender|from|envelope|helo|ehlo|command|client|relay|encryption|argument))"
_ABSENT_AFTER: Final = (
    r"(?:unknown|invalid|un-?recogni[sz]ed|undeliverable|(?:is |was )?un-?available|non-?exist(?:ent|ing|ant)"
    r"|(?:does|do|did)(?:n.?t| not)? ?(?:no[tn]?|n.?t)? (?:an )?exists?|(?:not|never|isn.?t|wasn.?t|cannot be|can.?t be"
    r"|couldn.?t be|could not be|cannot) (?:a |an |be |been )?(?:found|exists?|known|listed|recogni[sz]ed|registered"
    r"|valid|resolved|defined|located|identified|present|one of|here|available|local\b|ours\b|hosted|provisioned"
    r"|in (?:the |this |our |that )?(?:domain|system))"
    r"|(?:has|have) been (?:removed|deleted|retired|erased|purged|withdrawn)"
    r"|no longer (?!active)(?:\S+ )?(?:valid|exists?|available|in use|on|here|with|used|work(?:s|ing)))"
)
_ABSENT_BEFORE: Final = (
    r"(?:unknown|no such|non-?exist(?:ent|ing|ant)|invalid|illegal|incorrect|undeliverable|unrecogni[sz]ed"
    r"|unroute?able|unavailable|not an? (?:known |valid |registered |local )?|not a? ?(?:known|valid)|no (?:valid )?)"
)


def _all(text: str) -> tuple[str, ...]:
    """Return the wordings of a block: a bar between blanks separates them, words in capitals are the parts above."""
    parts = {"ABSENT_AFTER": _ABSENT_AFTER, "ABSENT_BEFORE": _ABSENT_BEFORE, "NOT_SENDER": _NOT_SENDER, "WHO": _WHO}
    for name, part in parts.items():
        text = text.replace(name, part)
    return tuple(re.split(r"\s+\|\s+", text.strip()))


# fmt: off
WORDINGS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("delivered", _all(r"""
    \brelayed to non-dsn | successfully delivered | was delivered to
    """)),
    ("userunknown", _all(r"""
    recipient address rejected: access denied | delivery error: dd this user doesn.t have an?
    """)),
    ("rejected", _all(r"""
    permission to post | google groups |
    sender(?:'s)? (?:e-?mail )?(?:address|domain|id|verif|callout|host|policy|access|information) |
    sender (?:is )?(?:not|denied|rejected|refused|unknown|un-?verif|blocked|banned|in black) |
    (?:invalid|unknown|illegal|bad|fake|unverified|verify) (?:the )?(?:envelope )?sender | domain of sender |
    envelope (?:sender|from) | (?:not|n.t) verified | from (?:address|domain|field|header) |
    verification failed for | callback (?:setup|verif) | \b(?:helo|ehlo)\b | sender domain resolve |
    not accept(?:ing)? (?:any )?(?:e?-?mail|mail|messages) from\b(?! the internet) |
    \byour (?:domain|host|sending|sender|envelope|ip|reverse)\b
    """)),
    ("hasmoved", _all(r"""
    WHO (?:\S+ ){0,3}?has (?:been )?(?:moved|replaced|changed) |
    address(?:es)? (?:is|are) (?:not|no) longer valid.{0,80}new |
    (?:my|his|her|their|the|a|please use (?:my|the|our)) new (?:e-?mail )?address
    """)),
    ("exceedlimit", _all(r"""
    too many (?:(?:invalid|unknown|bad|wrong) )?(?:recipients|users|addresses|messages|errors)
    """)),
    ("mesgtoobig", _all(r"""
    too (?:big|large) | exceeds? (?:the )?(?:maximum|fixed|size) | exceed(?:s|ed)? .{0,30}size | message size |
    size limit | larger than
    """)),
    ("mailboxfull", _all(r"""
    quota | mailbox (?:is )?full | over ?quota | out of storage | full mailbox |
    insufficient (?:storage|space|disk) | disk full | is full |
    exceeded (?:its |the |his )?(?:allocated )?(?:storage|limit|mailbox) | storage (?:limit|allocation) |
    (?:mailbox|inbox|folder|account).{0,30}(?:over.{0,12}limit|limit exe?c?e?eded|limit reached|has exceeded) |
    too much mail data
    """) + FULL),
    ("virusdetected", _all(r"""
    virus | malware | infected | trojan
    """)),
    ("authfailure", _all(r"""
    \bspf\b | \bdkim\b | \bdmarc\b | unauthenticated | not authenticated due | authentication (?:check|result)s?
    """)),
    ("requireptr", _all(r"""
    \bptr\b | reverse dns | rdns | reverse (?:name|hostname) | no host ?name | forward dns |
    reverse (?:lookup|resolution|record)
    """)),
    ("toomanyconn", _all(r"""
    too many (?:connections|sessions|concurrent) | connection (?:rate|limit|frequency) | simultaneous |
    frequency limited
    """)),
    ("speeding", _all(r"""
    rate[- ]limit | too fast | throttl | too much mail | sending rate |
    (?:receiving|sending) mail (?:at a rate|too quickly)
    """)),
    ("exceedlimit", _all(r"""
    message limit | daily (?:limit|sending)
    """)),
    ("spamdetected", _all(r"""
    spam (?:content|message|score|detected|rules?|filter|pattern|or virus|from) |
    (?:is|as|like|looks like|considered|identified as|contains?|to|due to|probable|possible) (?:\w+ )?spam\b |
    \bube\b | unsolicited | junk ?mail | bulk ?mail | spam ?mail | spammer
    """) + SPAM),
    ("badreputation", _all(r"""
    reputation
    """)),
    ("blocked", _all(r"""
    block(?:ed|list) | black ?-?list | \brbl\b | spamhaus | dnsbl | banned | ip address .{0,40}(?:reject|refus) |
    access denied.{0,30}ip | denied by | bad (?:ip|host) |
    (?:client|ip|host) (?:host )?.{0,40}(?:rejected|refused|not allowed) | is listed (?:at|on|in|by) |
    \[?\d+\.\d+\.\d+\.\d+\]? (?:is )?(?:listed|found|on the) | not allowed to connect
    """) + BLOCKED),
    ("onhold", _all(r"""
    temporar(?:y|ily) (?:\S+ ){0,2}?(?:un-?available|disabled|suspended|locked|inaccessible|unable) |
    temporar(?:y|ily) (?:\S+ ){0,2}?(?:full|error|failure|problem|local|rejected|deferred|limited|out of) |
    (?:try|please) (?:it )?(?:again )?later |
    (?:mailbox|account|server|system)(?: is)? (?:too )?busy | gr[ae]y-?list | currently unavailable
    """) + FOR_NOW),
    ("suspend", _all(r"""
    suspend | disabled | inactive | deactivated | not (?:been )?activated |
    account (?:is |has been )?(?:locked|closed|cancel|terminated) | mailbox (?:is )?currently | not active |
    no longer active | temporarily locked | expired (?:user |mail )?account | account (?:has |is )?expired |
    frozen | (?:mailbox|account|user|recipient|address)(?: is)? (?:not|no longer) accept(?:s|ing) |
    or (?:mailbox |account |user )?(?:access denied|blocked|locked|closed|busy) | address no longer accepts
    """) + SUSPENDED),
    ("userunknown", _all(r"""
    (?:user|recipient|account|mailbox)(?: is)? (?:unknown|not found) |
    unknown NOT_SENDER(?:user|recipient|mailbox|account|local) | no such (?:user|person|recipient|mailbox|account) |
    (?:user|recipient|account|mailbox|address) (?:does not|doesn.t|do not|don.t) exist
    """)),
    ("rejected", _all(r"""
    (?:may|might) not (?:exist|be (?:valid|correct))
    """) + PERHAPS + PERHAPS_AFTER),
    ("norelaying", _all(r"""
    relay(?:ing)? (?:access )?(?:denied|not permitted|not allowed|prohibited|is denied) | unable to relay |
    not permitted to relay | do(?:es)? not relay | relaying | we do not relay | cannot relay |
    (?:not|n.t) allowed to relay | open relay | list of allowed rcpthosts | requires? authentication
    """)),
    ("policyviolation", _all(r"""
    policy | policies | not (?:allowed|permitted) (?:attachment|content) | attachment .{0,40}(?:not|block) |
    prohibited | compliance | potential security
    """)),
    ("securityerror", _all(r"""
    authentication (?:required|failed|turned) | starttls | \btls\b | encryption | must (?:be )?authenticate |
    security (?:policy|reason|check|violation) | certificate | login failed | please (?:log|turn on)
    """)),
    ("notcompliantrfc", _all(r"""
    \brfc[ -]\d{3,4}\b | not rfc | compliant | multiple (?:from|address) | duplicate header |
    message-id .{0,20}missing | missing header
    """)),
    ("networkerror", _all(r"""
    host not found, try again | lookup failed temporarily | temporary (?:dns|lookup|name) |
    dns (?:query|lookup|server)s? (?:failed|failure|error|timed|time)(?!.{0,300}not found) |
    (?:look ?up|resolution).{0,30}(?:tempor|timed? ?out|try again)
    """)),
    ("notaccept", _all(r"""
    not accepting network messages | null ?mx |
    no (?:valid |usable |working )?(?:mx|smtp|mail(?: exchange)?)(?: (?:service|host|record|server|exchanger))s?\b |
    no mx\b | service not (?:provided|available here)
    """)),
    ("hostunknown", _all(r"""
    find any host (?:named|by that name) | non-?existent (?:domain|hosts?) | nonexistentdomain |
    host (?:or domain )?(?:name )?(?:[\w.-]+\.[\w-]+ )?(?:is )?(?:not found|unknown|does not exist) |
    unknown (?:host|domain|mail host) | no such (?:domain|host) |
    domain (?:name )?(?:\S+ ){0,2}?(?:not found|does not exist|doesn.t exist|unknown|is not valid|is invalid) |
    name or service not known | nxdomain | unrouteable (?:mail )?domain | unable to (?:find|resolve) |
    could not be found.{0,30}domain | bad (?:destination )?(?:host|system|domain) | illegal host | no mx |
    no (?:a|aaaa|dns|mail) (?:or mx )?records? | domain of .{0,60} not exist |
    recipient domain(?! (?:has )?(?:rejected|refused|blocked|does not accept))(?=.{0,30}(?:not|unknown|invalid)) |
    host not found | can't find |
    (?:cannot|could not|can.t|couldn.t) (?:be )?(?:find|resolved?|locate) (?:the )?(?:host|domain|mail server) |
    (?:tenant or )?domain not found | no match(?:es)? (?:to|for|from) (?:the )?name ?server | no data known
    """) + NO_HOST),
    ("notaccept", _all(r"""
    not accept(?:ing)? (?:any )?(?:e?-?mail|mail|messages) | no mail here | smtp protocol returned a permanent |
    name server .{0,20}no (?:mail|mx)
    """)),
    ("userunknown", _all(r"""
    WHO(?:'s)? (?:\S+ ){0,4}?ABSENT_AFTER | ABSENT_BEFORE ?NOT_SENDER(?:\S+ ){0,2}?WHO\b | no such id\b |
    (?:no|not) user (?:of|on|here|by|in) | cuda_nsu\b | (?:does|do)(?: not|n.?t| no) exists?|(?:is not|not) exist |
    left the (?:company|organi[sz]ation)|no longer (?:employed|works? (?:here|at|for)) | doesn.t have a |
    not a (?:known|valid) (?:user|recipient|mailbox) | unroute?able address | not listed in |
    not in (?:our|the) (?:\S+ )?(?:director|database|list|address) | bad (?:destination )?(?:mailbox )?address |
    not our customer |
    (?:cannot|can.t|unable to|could not) deliver (?:mail |message )?(?:to|for)(?! (?:the (?:following|last)|\d)) |
    cannot find (?:the )?(?:user|recipient|mailbox|account) | (?:cannot|can.t) accept user | undeliverable address |
    who does not | address (?:is )?(?:rejected(?!:)|unknown|invalid|ambiguous) | ambiguous (?:address|recipient) |
    recipient (?:\S+ ){0,2}?(?:is )?(?:denied|unrecogni[sz]ed) | recipient (?:address )?rejected(?!:) |
    recipient is not allowed | mailbox name (?:is )?not (?:allowed|valid) |
    mailbox (?:name )?(?:not available|unavailable|not allowed|invalid) |
    wasn't found|was not found|couldn't be found|could not be found | badly formed |
    not (?:here )?by that name|(?:mail-?box|user|one)(?: here)? by that name | recip(?:ient)?notfound |
    invalid final delivery userid | name is not recogni[sz]ed | not recogni[sz]ed |
    (?:check|verify) (?:if|that|whether) (?:the )?(?:e-?mail )?address is correct | does not like recipient |
    unable to deliver message to(?! the following) | (?:recipient|address) (?:cannot|can.t|could not) be verified
    """) + NOBODY),
    ("onhold", _all(r"""
    on ?hold | mail(?:box)? held | delivery (?:is )?(?:delayed|held)
    """)),
    ("filtered", _all(r"""
    filter | refused (?:by|due to) recipient | recipient refuse | rejected by (?:the )?recipient |
    due to extended inactivity | not permitted to receive | user reject | cannot receive | recipient preferences
    """)),
    ("rejected", _all(r"""
    mail from | (?:you are |are )?not allowed to send | access den(?:ied|y) | unable to verify |
    administrative prohibition | do not have permission | transaction failed |
    message (?:was )?(?:denied|refused|rejected)
    """)),
    ("networkerror", _all(r"""
    connection (?:refused|timed? ?out|reset|lost|closed|failed|dropped) | network (?:is )?(?:unreachable|error) |
    no route to host | could not connect | unable to connect | loop | too many hops | hop count |
    dns (?:error|failure|lookup) | name server | host is unreachable | timed out while
    """)),
    ("expired", _all(r"""
    expired | time ?out | timed out | too long | retry (?:time|timeout) |
    not (?:been )?(?:delivered|able to deliver) (?:for|within|after) | giving up | delivery time |
    max(?:imum)? (?:retry|time) | have been trying | days? old | 4 hours | queue too | could not be delivered for |
    hours
    """)),
    ("systemfull", _all(r"""
    system (?:is )?(?:full|storage) | no space left | mail system full
    """)),
    ("systemerror", _all(r"""
    system (?:error|config|problem) | internal (?:error|server) | local (?:error|configuration) |
    config(?:uration)? (?:error|problem) | unexpected | aliasing loop | resources? temporarily | i/o error |
    server error | cannot open
    """)),
    ("mailererror", _all(r"""
    x-?unix | mailer (?:error|died) | command (?:died|failed|line) | pipe | exit (?:status|code|\d+) | procmail |
    failed to run | exited with
    """)),
    ("contenterror", _all(r"""
    content | mime | encod | header (?:error|too) | 8bit | unparsable | malformed
    """)),
    ("syntaxerror", _all(r"""
    syntax error | command (?:not (?:recogni[sz]ed|implemented)|unrecogni[sz]ed) | bad sequence | unrecogni[sz]ed |
    \b50[0-4]\b
    """)),
)
# fmt: on
