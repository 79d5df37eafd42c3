"""A simulated office with planted schemes, so that power and false alarms are measured, not claimed.

:class:`~setara.science.simulate.office.World` says what the offices are like;
:func:`~setara.science.simulate.logs.generate` gives an event log and the truth about it;
:class:`~setara.science.simulate.running.Simulation` gives bare numbers, for tens of thousands of office-days.
"""
