"""What can be known from tables: fairness, satisfaction, simulation. Pure functions, no Django, no database.

Tables come in as Polars frames, plain results go out, so all of it works on the log of any system and in a
notebook. ``pip install '.[audit]'`` or ``'.[survey]'`` suffices.
"""
