"""What a call remembers so that it can be undone, and what a ticket brings along when it comes back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("queueing", "0001_initial"),
    ]

    operations = [
        migrations.AddField("ticket", "re_entry_count", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "ticket",
            "companion_of",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="companions",
                to="queueing.ticket",
            ),
        ),
        migrations.AddField("call", "joined_at", models.DateTimeField()),
        migrations.AddField("call", "memory_before", models.JSONField(default=dict)),
        migrations.AddField(
            "call",
            "note",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.blob"
            ),
        ),
    ]
