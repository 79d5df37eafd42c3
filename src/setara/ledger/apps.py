"""The spine: registered events, append-only storage, the operation contract, the office clock."""

from importlib import import_module, util

from django.apps import AppConfig, apps


class LedgerConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Read every room's events, policies and operations, so that their registries are complete, and
        make the clock row this process's clock."""
        from setara.ledger import office_clock

        office_clock.install()
        for config in apps.get_app_configs():
            if config.name.startswith("setara."):
                for part in ("events", "policies", "operations"):
                    if util.find_spec(f"{config.name}.{part}"):
                        import_module(f"{config.name}.{part}")
