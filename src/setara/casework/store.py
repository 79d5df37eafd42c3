"""The store of blank books: one row a book, taken in order of serial, never twice."""

from __future__ import annotations

from django.db import models

from setara.casework.models import Book, Case
from setara.kernel.errors import Refused
from setara.kernel.phrase import phrase as _


def free(rows: models.QuerySet[Book]) -> models.QuerySet[Book]:
    """The rows that nobody else is taking at this moment, locked."""
    return rows.select_for_update(skip_locked=True, no_key=True)


def claim_book(case: Case, kind: str, name: object, status: str) -> Book:
    """The book with the lowest serial of ``kind``, given to ``case``; Refused when there is none."""
    rows = Book.objects.filter(office_id=case.office_id, kind=kind, status=Book.Status.STOCK)
    book = free(rows.order_by("serial")).first()
    if book is None:
        raise Refused(
            _("Stok buku habis: %(kind)s.", kind=name),
            code="casework.out_of_stock",
            rule=_("Setiap cetakan memakai satu buku bernomor dari stok kantor."),
            remedy=_("Catat bahwa berkas tidak dapat dicetak, lalu terima buku baru ke dalam stok."),
        )
    taken = Book.objects.filter(pk=book.pk, status=Book.Status.STOCK).update(status=status, case=case)
    if not taken:
        raise RuntimeError("a book was taken twice")
    book.status, book.case = status, case
    return book
