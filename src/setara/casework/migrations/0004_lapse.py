import django.db.models.deletion
from django.db import migrations, models

import setara.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("casework", "0003_finished_lately")]
    operations = [
        migrations.CreateModel(
            name="Lapse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=setara.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("return", "Waktu melengkapi habis"),
                            ("collect_soon", "Batas pengambilan dekat"),
                            ("collect", "Batas pengambilan lewat"),
                        ],
                        max_length=12,
                    ),
                ),
                ("until", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lapses", to="casework.case"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "kind", "until"), name="casework_lapse_once")
                ],
            },
        ),
    ]
