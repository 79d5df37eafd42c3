"""What other rooms may use of the ledger."""

from setara.ledger.actors import (
    VISITOR,
    Actor,
    Permission,
    name_roles,
    outside,
    permission,
    permissions,
    require,
    roles_in_words,
    system,
)
from setara.ledger.contract import By, Op, already, in_operation, operation, operations
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
    "already",
    "event_class",
    "in_operation",
    "name_roles",
    "operation",
    "operations",
    "outside",
    "permission",
    "permissions",
    "registered",
    "require",
    "roles_in_words",
    "system",
]
