"""By which moment a companion stands behind the person accompanied."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queueing", "0005_doors_counters_and_conflicts")]

    operations = [
        migrations.AddField(model_name="ticket", name="beside_at", field=models.DateTimeField(null=True)),
    ]
