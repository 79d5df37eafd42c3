"""Forms of the sign-in pages. A password is never put back into a page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _password(label: Any, autocomplete: str, hint: Any = "") -> forms.CharField:
    attrs = {"autocomplete": autocomplete}
    widget = forms.PasswordInput(render_value=False, attrs=attrs)
    return forms.CharField(label=label, strip=False, max_length=128, widget=widget, help_text=hint)


class SignInForm(forms.Form):
    """Sign-in name and password."""

    username = forms.CharField(
        label=_("Nama masuk"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = _password(_("Kata sandi"), "current-password")


class UnlockForm(forms.Form):
    """The password of the one who locked the screen."""

    password = _password(_("Kata sandi"), "current-password")


class NewPasswordForm(forms.Form):
    """A first password, typed twice."""

    password = _password(
        _("Kata sandi baru"),
        "new-password",
        _("Sedikitnya 12 huruf atau angka. Beberapa kata yang tidak saling berhubungan mudah diingat."),
    )
    again = _password(_("Kata sandi baru, sekali lagi"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("Kedua kata sandi tidak sama. Ketik ulang keduanya."))
        return data
