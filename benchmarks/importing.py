"""Time and peak memory of importing a table of 5,000 × 16 with validation, compared with django-import-export in the same run.

    .venv/bin/python benchmarks/importing.py [rows]

Both sides read the same workbook, check every row, show what would change and then write it, each in a process and a database of
its own. Ours creates the indicators and three assignments each; the peer creates only the indicators, by a resource with
``clean_model_instances``, first as a dry run and then for real, as its own pages do.
"""

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

AIM = 5.0
HEAD = ("序号", "一级指标", "二级指标", "三级指标", "印证资料要求", "牵头单位", "责任单位")
HEAD += tuple(f"其他{number}" for number in range(1, 10))
PROOF = "评查方案、评查通报和整改材料，含会议记录、现场照片和整改台账。"


def workbook(count: int, path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEAD)
    for n in range(count):
        section, item = n // 500 + 1, n // 50 % 10 + 1
        codes = (str(section), f"{section}-{item}", f"{section}-{item}-{n % 50 + 1}")
        levels = [f"{code} 指标名称{code}" for code in codes]
        sheet.append(
            [n + 1, *levels, PROOF, f"单位{n % 40}", f"单位{(n + 1) % 40}、单位{(n + 2) % 40}", *["说明文字"] * 9]
        )
    book.save(path)


def prepared() -> Any:
    """Return an empty installation in a new database."""
    from django.core.management import call_command

    from creation.models import Campaign, District, IndicatorSystem, Unit, User

    call_command("migrate", verbosity=0)
    district = District.objects.create(name="区")
    units = [Unit.objects.create(district=district, name=f"单位{n}", short_name=f"单位{n}", order=n) for n in range(40)]
    system = IndicatorSystem.objects.create(district=district, name="体系", edition="1")
    User.objects.create_user("someone", name="某人", unit=units[0])
    return Campaign.objects.create(district=district, system=system, host=units[0], name="创建", year=2026)


def ours(path: Path, campaign: Any) -> int:
    from django.utils import timezone

    from creation.audit.actor import Actor
    from creation.imports import import_uploads
    from creation.imports.registry import INDICATORS
    from creation.models import Indicator, User

    actor = Actor(User.objects.get(), timezone.now())
    upload = import_uploads.receive(INDICATORS, campaign, "表.xlsx", path.read_bytes(), actor)
    import_uploads.apply(upload, import_uploads.plan_of(upload, actor).digest, actor)
    return Indicator.objects.checkpoints().count()


def peer(path: Path, campaign: Any) -> int:
    from import_export import fields, resources
    from tablib import Dataset

    from creation.models import Indicator

    class Checkpoints(resources.ModelResource):
        code = fields.Field("code", "编号")
        title = fields.Field("title", "三级指标")
        proof = fields.Field("proof", "印证资料要求")

        class Meta:
            model = Indicator
            import_id_fields = ("code",)
            fields = ("code", "title", "proof")
            clean_model_instances = True
            skip_unchanged = True

        def before_save_instance(self, instance: Any, row: Any, **_: Any) -> None:
            instance.system, instance.parent, instance.level = campaign.system, top, 3
            instance.key, instance.order = instance.code, row["序号"]

        def import_instance(self, instance: Any, row: Any, **more: Any) -> None:
            super().import_instance(instance, row, **more)
            self.before_save_instance(instance, row)

    top = Indicator.objects.create(system=campaign.system, level=1, code="0", key="0", order=0, title="全部")
    resource = Checkpoints()
    for dry_run in (True, False):
        data = Dataset().load(path.read_bytes(), format="xlsx")
        data.append_col([point.partition(" ")[0] for point in data["三级指标"]], header="编号")
        resource.import_data(data, dry_run=dry_run, raise_errors=True)
    return Indicator.objects.checkpoints().count()


def measured(side: str, path: Path, answers: Any) -> None:
    os.environ |= {"DATA_DIR": tempfile.mkdtemp(), "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
    import django

    django.setup()
    campaign = prepared()
    who: Callable[[Path, Any], int] = {"ours": ours, "peer": peer}[side]
    begun, wall = cpu(), time.perf_counter()
    count = who(path, campaign)
    answers.put((count, cpu() - begun, time.perf_counter() - wall, memory()))


def cpu() -> float:
    """Return the CPU seconds of this process and of its finished children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def memory() -> int:
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) >> 10


def main(count: int) -> None:
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        path, seconds = Path(folder) / "table.xlsx", {}
        workbook(count, path)
        for side in ("ours", "peer"):
            answers = context.Queue()
            process = context.Process(target=measured, args=(side, path, answers))
            process.start()
            made, seconds[side], wall, megabytes = answers.get(timeout=900)
            process.join()
            print(f"{side}: {made} rows, {seconds[side]:.1f} s of CPU, {wall:.1f} s by the clock, peak {megabytes} MB")
    ratio = seconds["peer"] / seconds["ours"]
    print(
        f"django-import-export takes {ratio:.1f} times as long (aim: {AIM:g}): {'reached' if ratio >= AIM else 'missed'}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
