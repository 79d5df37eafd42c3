"""Kiosks, the count at the door, the draw at the opening; what a counter serves today; favours and conflicts."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import setara.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0003_application_asked"),
        ("offices", "0004_left_early"),
        ("people", "0001_initial"),
        ("queueing", "0004_overrides"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="steps",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), blank=True, default=list, size=None
            ),
        ),
        migrations.RunSQL(
            "UPDATE queueing_session s SET steps = c.steps FROM offices_counter c WHERE c.id = s.counter_id",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="call",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("served", "Dilayani"),
                    ("absent", "Tidak hadir"),
                    ("undone", "Panggilan keliru, dibatalkan"),
                    ("sent_back", "Melengkapi berkas"),
                    ("closed", "Kantor tutup"),
                    ("moved", "Dipindah ke langkah lain"),
                    ("recused", "Petugas mundur, ke petugas lain"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="arrival",
            field=models.CharField(
                choices=[
                    ("qr", "Kode QR"),
                    ("name", "Nama di meja depan"),
                    ("nik", "NIK di anjungan"),
                    ("walk_in", "Datang langsung"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=setara.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("family", "Keluarga"),
                            ("friend", "Teman"),
                            ("colleague", "Rekan kerja atau instansi lain"),
                            ("business", "Hubungan usaha atau keuangan"),
                            ("unsaid", "Tidak disebutkan"),
                        ],
                        max_length=10,
                    ),
                ),
                ("step", models.CharField(blank=True, default="", max_length=40)),
                ("declared_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "Ada benturan kepentingan"),
                            ("unfounded", "Tidak ada benturan kepentingan"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conflicts",
                        to="applications.application",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offices.staff",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.blob",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conflicts",
                        to="offices.office",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conflicts",
                        to="offices.staff",
                    ),
                ),
                (
                    "words",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.blob",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["office", "decision", "due_on"], name="queueing_conflicts")],
                "constraints": [
                    models.UniqueConstraint(fields=("application", "staff"), name="queueing_conflict_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True), ("decided_by__isnull", True), ("decision", "")
                            ),
                            models.Q(
                                models.Q(("decision", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="queueing_conflict_decided_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("staff")), _negated=True),
                            _connector="OR",
                        ),
                        name="queueing_conflict_decided_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DoorCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                ("hour", models.PositiveSmallIntegerField()),
                ("people", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "counted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offices.staff"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offices.office"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "date", "hour"), name="queueing_door_count_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("hour__lte", 23)), name="queueing_door_hour"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Favour",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=setara.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("date", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "note",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.blob",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offices.office"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offices.staff"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["office", "date"], name="queueing_favours")],
            },
        ),
        migrations.CreateModel(
            name="Kiosk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=setara.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="nomor")),
                ("secret", models.CharField(default=setara.kernel.ids.token, max_length=32)),
                ("active", models.BooleanField(default=True, verbose_name="dipakai")),
                ("made_at", models.DateTimeField()),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kiosks",
                        to="offices.office",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("office", "number"), name="queueing_kiosk_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningDraw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                ("seed", models.CharField(max_length=64)),
                ("ranks", models.JSONField(default=dict)),
                ("drawn_at", models.DateTimeField()),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offices.office"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("office", "date"), name="queueing_draw_once")
                ],
            },
        ),
    ]
