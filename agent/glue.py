"""Words that hold sentences together and claim nothing about any thing."""

FUNCTION_WORDS: frozenset[str] = frozenset(
    """
a about above after again all almost also although am an and another any anyone anything are around as at away
back be because been before being below beside besides between both but by can could did do does doing done down
each either else enough even ever every few for from further get gets getting give given go goes going got had has
have having he her here hers him his how however i if in instead into is it its itself just keep least less let lets
like little made make makes many may maybe me might mine more most much must my myself near neither next nor of off
often on once one ones only onto or other others otherwise our ours out over own per perhaps please quite rather
really same see seem seems shall she should since so some someone something somewhere soon still such take than
that the their theirs them then there these they thing things this those though through till to together too toward
towards under until up upon us very was way we well were what whatever when where whether which while who whose why
will with within would yes yet you your yours yourself
""".split()
)
"""Closed-class words. Negations are not among them: they change what a sentence claims."""

NEGATIONS: frozenset[str] = frozenset(
    "no not n't never none nothing neither nor without lack lacks lacking nowhere hardly cannot unless except".split()
)

TALK_WORDS: frozenset[str] = frozenset(
    """
add afraid alternative alternatives alongside anyway ask asked begin begins both bring carry carries brings came candidate candidates check choice choices
choose chose close closer closest come comes consider could cost costing costs currently drawn drew end entry fifth
find first follow following follows found fourth glance head join joined joins go goes happy hello help hi hold idea include includes
including kind know last later leave lies list listed listing look looking looks looks match matched matches matching
meets mention mentioned mind moment name named note noted now number offer offers option options order pair pick
picked picks place point position possibilities possibility prefer preference price priced prices propose question
recommend recommendation recommended request requested respectively right sadly said say says second sell sells stay stays select selected
selection show showing shown shows side sixth sort start starting starts suggest suggested suggestion suggestions
sure talk tell thank thanks third today turn turns type under unfortunately want wanted wants welcome wish wished wishes words
worth would
""".split()
)
"""Words of talk: they point, ask and offer, and say nothing of what a thing is like."""
