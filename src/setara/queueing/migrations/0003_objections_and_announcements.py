"""What people object to, and what the office says to everybody who waits."""

import django.db.models.deletion
from django.db import migrations, models

import setara.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("offices", "0003_weekday_names"),
        ("people", "0001_initial"),
        ("queueing", "0002_places_and_memory"),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
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
                        choices=[("notice", "Pemberitahuan"), ("outage", "Gangguan")],
                        default="notice",
                        max_length=8,
                    ),
                ),
                ("text_id", models.CharField(max_length=240)),
                ("text_en", models.CharField(max_length=240)),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offices.staff"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="announcements",
                        to="offices.office",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["office", "ends_at"], name="queueing_announcements")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("made_at"))),
                        name="queueing_announcement_ends_after",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=setara.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("date", models.DateField()),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("ticket", "Halaman nomor antrean"),
                            ("kiosk", "Layar di ruang tunggu"),
                            ("desk", "Meja depan"),
                        ],
                        max_length=8,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("by_rule", "Panggilan sesuai aturan"),
                            ("lawful", "Di luar giliran dengan alasan yang sah"),
                            ("wrong", "Panggilan keliru"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                *(
                    (
                        name,
                        models.ForeignKey(
                            null=name not in {"call", "office"},
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+" if name in {"answer", "answered_by", "words"} else "objections",
                            to=to,
                        ),
                    )
                    for name, to in (
                        ("answer", "people.blob"),
                        ("answered_by", "offices.staff"),
                        ("call", "queueing.call"),
                        ("office", "offices.office"),
                        ("ticket", "queueing.ticket"),
                        ("words", "people.blob"),
                    )
                ),
            ],
            options={
                "indexes": [models.Index(fields=["office", "date"], name="queueing_objections")],
                "constraints": [
                    models.UniqueConstraint(fields=("call", "ticket"), name="queueing_one_objection_each"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", None),
                                ("answered_at", None),
                                ("answered_by", None),
                                ("finding", ""),
                            ),
                            models.Q(
                                ("answer__isnull", False),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("finding", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="queueing_objection_answered_whole",
                    ),
                ],
            },
        ),
    ]
