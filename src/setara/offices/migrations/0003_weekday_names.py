"""Weekdays have names; the column stays as it is."""

from django.db import migrations, models

DAYS = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("offices", "0002_breaks_and_sign_in")]

    operations = [
        migrations.AlterField(
            "openinghours",
            "weekday",
            models.PositiveSmallIntegerField(choices=list(enumerate(DAYS)), verbose_name="hari"),
        ),
    ]
