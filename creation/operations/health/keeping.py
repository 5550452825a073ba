"""Is what people entrusted to the house safe, and is there room for more?"""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from creation.audit import sealing
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Pulse
from creation.operations.backup import rounds
from creation.operations.health.finding import Finding, Level, ago, gigabytes

LATE = timedelta(minutes=45)  # three of the clock's backups left out
RARE = timedelta(days=7)
SCARCE, LOW = 2**30, 5 * 2**30  # bytes left


def sealed(now: datetime) -> Finding:
    name = "审计封存"
    if waiting := sealing.overdue(now):
        todo = "请查看 logs/beat.log 和 logs/worker.log，重新启动平台；仍有告警时请执行 manage.py verify。"
        return Finding(name, Level.ALARM, f"有 {waiting} 条审计记录超过五分钟没有封存。", todo)
    end = sealing.head()
    return Finding(name, Level.FINE, f"已封存到第 {end.seq} 条。" if end.seq else "还没有封存任何记录。")


def backed_up(now: datetime) -> Finding:
    """What the clock does by itself."""
    name, pulse = "自动备份", Pulse.objects.named(rounds.PULSE).first()
    if not rounds.backs_up():
        return Finding(
            name, Level.NOTE, "PostgreSQL 不由平台自动备份。", "请用数据库自身的备份，或定时执行 manage.py backup。"
        )
    if pulse is None:
        return Finding(name, Level.NOTE, "还没有做过。", "平台启动后一分钟内会做第一份。")
    if pulse.fault:
        return Finding(
            name, Level.ALARM, f"{_last(pulse, now)}最近一次（{ago(pulse.tried_at, now)}）有问题：", pulse.fault
        )
    if pulse.done_at and now - pulse.done_at > LATE:
        todo = "请查看 logs/labour.log；平台重新启动后会马上补做。"
        return Finding(name, Level.ALARM, f"{_last(pulse, now)}应每 15 分钟一份。", todo)
    return _where(name, _last(pulse, now))


def _last(pulse: Pulse, now: datetime) -> str:
    return f"最近一份：{ago(pulse.done_at, now)}。" if pulse.done_at else "还没有成功过。"


def _where(name: str, said: str) -> Finding:
    try:
        elsewhere = rounds.on_another_disk()
    except Refusal as refused:
        return Finding(name, Level.ALARM, said, refused.sentence)
    if elsewhere:
        return Finding(name, Level.FINE, f"{said}每 15 分钟一份，数据库和文件都在另一块磁盘上。")
    todo = "备份与数据在同一块磁盘上，磁盘损坏时会一起丢失：请用 BACKUP_DIR 改到另一块磁盘。"
    return Finding(name, Level.NOTE, f"{said}每 15 分钟一份，只有数据库。", todo)


def copied(now: datetime) -> Finding:
    """What the operator does, and where to is the operator's affair."""
    name, todo = "完整备份", "请定时执行 manage.py backup，存到另一台机器或磁盘上，见运维手册。"
    last = AuditEntry.objects.filter(act="backup.make").values_list("at", flat=True).first()
    if last is None:
        return Finding(name, Level.NOTE, "还没有做过。", todo)
    said = f"最近一次：{ago(last, now)}。"
    return Finding(name, Level.NOTE, said, todo) if now - last > RARE else Finding(name, Level.FINE, said)


def room(now: datetime) -> Finding:
    """The scarcest of the disks that we write to; a disk that holds both is named once."""
    folders = {"备份": Path(settings.BACKUP_DIR), "数据": Path(settings.DATA_DIR)}
    disks = {folder.stat().st_dev: (name, folder) for name, folder in folders.items() if folder.is_dir()}
    free = {name: shutil.disk_usage(folder).free for name, folder in disks.values()}
    scarcest = min(free, key=lambda name: free[name])
    said = "、".join(f"{name}所在磁盘剩余 {gigabytes(size)}" for name, size in free.items()) + "。"
    level = Level.ALARM if free[scarcest] < SCARCE else Level.NOTE if free[scarcest] < LOW else Level.FINE
    todo = f"请尽快清理或扩充{scarcest}所在的磁盘；写满后不能上传文件。"
    return Finding("磁盘空间", level, said, todo if level != Level.FINE else "")
