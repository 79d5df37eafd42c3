"""What other rooms may use of the ledger."""

from setara.ledger.actors import (
    VISITOR,
    Actor,
    Permission,
    outside,
    permission,
    permissions,
    require,
    system,
)
from setara.ledger.contract import By, Op, in_operation, operation, operations
from setara.ledger.prepared import Prepared
from setara.ledger.registry import Event, Ref, event_class, registered

__all__ = [
    "VISITOR",
    "Actor",
    "By",
    "Event",
    "Op",
    "Permission",
    "Prepared",
    "Ref",
    "event_class",
    "in_operation",
    "operation",
    "operations",
    "outside",
    "permission",
    "permissions",
    "registered",
    "require",
    "system",
]
