"""How far the ledger was read for messages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The cursor table."""

    dependencies = [("notices", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("office", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(default=0)),
            ],
        ),
    ]
