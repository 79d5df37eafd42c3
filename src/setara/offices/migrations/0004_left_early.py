"""Whoever goes home before the day ends leaves the roster."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offices", "0003_weekday_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="duty",
            name="left_at",
            field=models.DateTimeField(null=True),
        ),
    ]
