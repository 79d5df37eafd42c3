"""Breaks lie within the hours; signing in is recorded as an event and no longer in the account's row."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("offices", "0001_initial")]

    operations = [
        migrations.RemoveField("account", "last_login"),
        migrations.AddConstraint(
            "openinghours",
            models.CheckConstraint(
                condition=Q(break_from__isnull=True, break_to__isnull=True)
                | Q(
                    break_from__isnull=False,
                    break_to__isnull=False,
                    break_from__gt=F("opens"),
                    break_to__gt=F("break_from"),
                    break_to__lt=F("closes"),
                ),
                name="offices_hours_break",
                violation_error_message="Istirahat harus lengkap dan berada di antara jam buka dan jam tutup.",
            ),
        ),
    ]
