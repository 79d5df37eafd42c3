"""One-time links for setting a password.

The token is Django's for password resets: an HMAC over the account and its present password hash, so that it
is void once a password is set or another link is issued, and after ``PASSWORD_RESET_TIMEOUT`` of real time.
In front of it stands the staff row's id: no name and no number is part of the address.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse

from setara.offices.models import Account, Staff


class _Tokens(PasswordResetTokenGenerator):
    """Apart from any other token that the same key signs."""

    key_salt = "setara.offices.links"

    def _make_hash_value(self, user: Account, timestamp: int) -> str:
        return f"{user.pk}{user.password}{timestamp}{user.is_active}"


_tokens = _Tokens()
_HEX = 32


def token_for(staff: Staff) -> str:
    """A token for the present state of the account."""
    return f"{staff.pk.hex}-{_tokens.make_token(staff.account)}"


def link_for(staff: Staff) -> str:
    """The path of the page on which this member of staff sets a password, once."""
    return reverse("link", kwargs={"token": token_for(staff)})


def staff_of_token(token: str) -> Staff | None:
    """Whose token this is, if it is still good."""
    try:
        pk = UUID(hex=token[:_HEX])
    except ValueError:
        return None
    staff = Staff.objects.select_related("office", "account").filter(pk=pk, active=True).first()
    return staff if staff is not None and good(staff.account, token) else None


def good(account: Account, token: str) -> bool:
    """Whether the token fits the account as it is now."""
    return account.is_active and _tokens.check_token(account, token[_HEX + 1 :])
