"""What is allowed, what is owed, and why: the routine as pure functions.

Nothing here reads a clock, a setting or a database. Facts come in as frozen values, the region's figures as a
`Region`, and out comes a `Decision`: the answer, the reason code, and the clause that it rests on.
"""
