from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0002_application_private")]

    operations = [
        migrations.AddField(
            model_name="application",
            name="asked",
            field=models.JSONField(default=dict),
        ),
    ]
