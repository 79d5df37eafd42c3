"""What other rooms may use of the outbox."""

from setara.notices.models import Notice
from setara.notices.outbox import collect, deliver

__all__ = ["Notice", "collect", "deliver"]
