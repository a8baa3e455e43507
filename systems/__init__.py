"""One client for each outer system: protocol and nothing else.

A client takes plain constructor arguments, makes a call, and gives back plain values or raises one of the
errors of `engine.base.errors`. It decides nothing, stores nothing and logs nothing.

    NotSent, SystemDown   surely no effect: the case may try again
    UnknownOutcome        the effect may have happened: ask before sending again
    Refused               understood, and no
    Incident              our own or the platform's configuration is wrong
"""
