from django.apps import AppConfig


class CreationConfig(AppConfig):
    name = "creation"
    verbose_name = "法治政府建设示范创建"

    def ready(self) -> None:
        from creation import checks  # noqa: F401  (importing registers them)
