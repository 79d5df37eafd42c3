from django.db import migrations, models


class Migration(migrations.Migration):
    """The front page counts the files finished lately; without an index it would read all that ever were."""

    dependencies = [("casework", "0002_quality_may_be_unknown")]
    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("clock_stopped_at__isnull", False)),
                fields=["office", "clock_stopped_at"],
                name="casework_finished",
            ),
        ),
    ]
