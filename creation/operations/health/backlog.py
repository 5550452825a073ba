"""Overdue work in the background. Numbers only, since administrators need not know what it is about."""

from datetime import datetime, timedelta

from creation.models import Delivery, DeliveryState, Job, JobState
from creation.operations.health.probe_result import Level, ProbeResult

FAILURE_WINDOW = timedelta(days=7)
MAX_WAIT = timedelta(minutes=10)


def jobs(now: datetime) -> ProbeResult:
    name = "后台任务"
    if stuck := Job.objects.filter(state=JobState.QUEUED, queued_at__lt=now - MAX_WAIT).count():
        todo = "请查看 logs/jobs.log 和 logs/worker.log；任务很多时可增加 WORKER_PROCESSES。"
        return ProbeResult(name, Level.ALARM, f"有 {stuck} 项排队超过十分钟。", todo)
    if failed := Job.objects.filter(state=JobState.FAILED, finished_at__gte=now - FAILURE_WINDOW).count():
        todo = "发起人在页面上看得到原因，可以重试；反复失败请查看 logs/jobs.log 和 logs/worker.log。"
        return ProbeResult(name, Level.NOTE, f"近七天有 {failed} 项失败。", todo)
    return ProbeResult(name, Level.FINE, "近七天没有失败，也没有积压。")


def deliveries(now: datetime) -> ProbeResult:
    name = "通知投递"
    late = Delivery.objects.claimable(now - timedelta(days=1)).count()
    failed = Delivery.objects.filter(state=DeliveryState.FAILED, digest__created_at__gte=now - FAILURE_WINDOW).count()
    if not late and not failed:
        return ProbeResult(name, Level.FINE, "近七天没有失败，也没有积压。")
    message = "、".join(
        filter(None, [f"近七天有 {failed} 条失败" if failed else "", f"{late} 条积压超过一天" if late else ""])
    )
    todo = "站内信不受影响。请提醒创建办在“送达记录”中查看对方的答复并重发；邮件全部失败时请检查邮件服务器。"
    return ProbeResult(name, Level.NOTE, f"{message}。", todo)
