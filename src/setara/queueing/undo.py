"""Giving back what the queue rule remembered before a call that was a wrong press."""

from __future__ import annotations

from setara.rules.queue import Memory, Rule, Why, after


def undone(now: Memory, before: Memory, rule: Rule, lane: str, why: Why) -> Memory:
    """The memory as if the call of ``lane`` had not been made.

    ``before`` is the memory before that call and ``why`` what the rule said. Nothing else called since: the
    memory from before, exactly. Otherwise the lane gives back its one call and its one stride, and the calls
    made meanwhile stay counted.
    """
    if now == after(before, rule, why, lane):
        return before
    return Memory(
        opened_at=now.opened_at,
        called={**now.called, lane: max(0, now.called_in(lane) - 1)},
        tags={**now.tags, lane: max(0, now.tags.get(lane, 0) - rule.stride(lane))},
        served=now.served,
    )
