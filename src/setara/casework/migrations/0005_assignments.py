"""Who decides on a file, as the lot fell."""

import django.db.models.deletion
from django.db import migrations, models

import setara.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0004_lapse"),
        ("offices", "0004_left_early"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=setara.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("step", models.CharField(max_length=40)),
                ("seed", models.CharField(max_length=64)),
                ("order", models.JSONField(default=list)),
                ("turn", models.PositiveIntegerField()),
                ("date", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="casework.case",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="offices.staff",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "at"], name="casework_assignments")],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "step", "at"), name="casework_assigned_once")
                ],
            },
        ),
    ]
