"""What other rooms may use of payments."""

from setara.payments.gateway import Notice, SimulatedBank, Treasury
from setara.payments.models import Bill, Payment
from setara.payments.moves import close_bill
from setara.payments.operations import (
    check_payment,
    expire_bill,
    fee_lines,
    record_bill,
    record_payment,
    request_bill,
)
from setara.payments.queries import bills_to_expire, last_bill, live_bill, payment_of
from setara.payments.summary import payment_context
from setara.payments.treasury import treasury

__all__ = [
    "Bill",
    "Notice",
    "Payment",
    "SimulatedBank",
    "Treasury",
    "bills_to_expire",
    "check_payment",
    "close_bill",
    "expire_bill",
    "fee_lines",
    "last_bill",
    "live_bill",
    "payment_context",
    "payment_of",
    "record_bill",
    "record_payment",
    "request_bill",
    "treasury",
]
