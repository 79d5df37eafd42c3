"""Calls out of turn are asked for, proven and approved by a second person."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import setara.kernel.ids

#: What was called before there was a second person to ask: nobody approved it, nothing proved it.
BEFORE = """
UPDATE queueing_call SET proof = 'unproven', approval = 'lapsed' WHERE reason IS NOT NULL
"""


def key(to: str, related: str = "+", **more: object) -> models.ForeignKey:
    """A key that keeps what it points to."""
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=related, to=to, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("offices", "0003_weekday_names"),
        ("people", "0001_initial"),
        ("queueing", "0003_objections_and_announcements"),
    ]

    operations = [
        migrations.AddField(
            "call",
            "proof",
            models.CharField(
                blank=True,
                choices=[("proven", "Terbukti"), ("unproven", "Tanpa bukti")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            "call",
            "approval",
            models.CharField(
                blank=True,
                choices=[
                    ("approved", "Disetujui orang kedua"),
                    ("pending", "Belum disetujui"),
                    ("refused", "Tidak disetujui orang kedua"),
                    ("lapsed", "Tidak pernah disetujui"),
                ],
                default="",
                max_length=8,
            ),
        ),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "call",
            models.CheckConstraint(
                condition=Q(reason__isnull=True, proof="", approval="")
                | Q(reason__isnull=False) & ~Q(proof="") & ~Q(approval=""),
                name="queueing_out_of_turn_standing",
            ),
        ),
        migrations.CreateModel(
            name="OverrideRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=setara.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("date", models.DateField()),
                ("step", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=60)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Menunggu persetujuan"),
                            ("approved", "Disetujui"),
                            ("refused", "Tidak disetujui"),
                            ("expired", "Lewat waktu"),
                            ("used", "Sudah dipakai"),
                            ("lapsed", "Dipakai, tidak pernah disetujui"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("proofs", models.JSONField(default=list)),
                ("decided_at", models.DateTimeField(null=True)),
                ("asked_by", key("offices.staff")),
                ("office", key("offices.office")),
                ("ticket", key("queueing.ticket", "overrides")),
                ("note", key("people.blob", null=True)),
                ("paper", key("people.blob", null=True)),
                ("decided_by", key("offices.staff", null=True)),
                (
                    "call",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="override",
                        to="queueing.call",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["office", "date", "state"], name="queueing_overrides")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(state__in=["waiting", "approved"]),
                        fields=("ticket",),
                        name="queueing_one_override",
                    ),
                    models.CheckConstraint(
                        condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                        name="queueing_override_second_person",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state__in=["approved", "refused"]) | Q(decided_by__isnull=False),
                        name="queueing_override_decided",
                    ),
                ],
            },
        ),
    ]
