"""A photo from a file has no quality that anything measured."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]

    operations = [
        migrations.AlterField("capture", "quality", models.PositiveSmallIntegerField(null=True)),
    ]
