"""A file may be drawn again within the same moment of the office clock."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("casework", "0005_assignments")]

    operations = [migrations.RemoveConstraint("assignment", "casework_assigned_once")]
