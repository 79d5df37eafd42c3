"""Receiving blank books into the store."""

from __future__ import annotations

import re

from setara.casework import events, policies
from setara.casework.models import Book
from setara.kernel.errors import Conflict, Invalid
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import Office, local_date, pack_of

_SERIAL = re.compile(r"([A-Z]{0,3})(\d{4,12})", re.ASCII)
LARGEST = 20_000


@operation
def receive_books(op: Op, office: Office, kind: str, first: str, count: int) -> None:
    """Take ``count`` books with consecutive serials from ``first`` on (letters, then digits) into the store.

    Invalid for a kind that the service does not use, a serial of another form, or a count beyond 20,000;
    Conflict when one of the serials is known already.
    """
    op.permit(policies.RECEIVE_BOOKS, office=office.pk)
    kinds = {one.code for one in pack_of(office, local_date(office, op.now)).product.stock}
    found = _SERIAL.fullmatch(first)
    errors = {}
    if kind not in kinds:
        errors["kind"] = _("Jenis buku ini tidak dipakai layanan ini.")
    if found is None:
        errors["first"] = _("Nomor seri terdiri dari huruf besar dan angka, misalnya X0000001.")
    if not 0 < count <= LARGEST:
        errors["count"] = _("Jumlah buku antara 1 dan %(largest)s.", largest=LARGEST)
    if errors or found is None:
        raise Invalid(errors, code="casework.books")
    letters, digits = found.groups()
    serials = [f"{letters}{int(digits) + n:0{len(digits)}d}" for n in range(count)]
    if len(serials[-1]) != len(first):
        raise Invalid({"count": _("Nomor seri tidak cukup untuk jumlah itu.")}, code="casework.books")
    known = (
        Book.objects.filter(serial__in=serials).order_by("serial").values_list("serial", flat=True).first()
    )
    if known is not None:
        raise Conflict(
            _("Buku %(serial)s sudah tercatat.", serial=known),
            code="casework.book_known",
            rule=_("Setiap nomor seri diterima satu kali."),
            remedy=_("Periksa nomor seri pertama pada kemasan."),
            field="first",
        )
    Book.objects.bulk_create(
        [Book(office=office, serial=serial, kind=kind, received_at=op.now) for serial in serials],
        batch_size=2000,
    )
    op.record(events.BooksReceived(kind=kind, first=first, count=count), office=office.pk)
