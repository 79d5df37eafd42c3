from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("booking", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="appointment",
            name="status",
            field=models.CharField(
                choices=[
                    ("booked", "Dipesan"),
                    ("arrived", "Datang"),
                    ("missed", "Tidak datang"),
                    ("moved", "Dijadwal ulang"),
                    ("given_up", "Dibatalkan"),
                ],
                default="booked",
                max_length=8,
            ),
        ),
    ]
