"""One pair of names: a row that is written once has created_at and created_by, one that is overwritten updated_at and updated_by."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("creation", "0006_no_joined_marks")]

    operations = [
        migrations.RenameField("AnnouncementVersion", "by", "created_by"),
        migrations.RenameField("AnnouncementVersion", "at", "created_at"),
        migrations.RenameField("Receipt", "by", "created_by"),
        migrations.RenameField("Receipt", "at", "created_at"),
        migrations.RenameField("Progress", "by", "created_by"),
        migrations.RenameField("Progress", "at", "created_at"),
        migrations.RenameField("Submission", "by", "created_by"),
        migrations.RenameField("Submission", "at", "created_at"),
        migrations.RenameField("Review", "by", "created_by"),
        migrations.RenameField("Review", "at", "created_at"),
        migrations.RenameField("ApplicationEntry", "by", "created_by"),
        migrations.RenameField("ApplicationEntry", "at", "created_at"),
        migrations.RenameField("AssessmentText", "by", "updated_by"),
        migrations.RenameField("AssessmentText", "at", "updated_at"),
        migrations.RenameField("AssessmentTextVersion", "by", "created_by"),
        migrations.RenameField("AssessmentTextVersion", "at", "created_at"),
        migrations.RenameField("PhoneCall", "by", "created_by"),
        migrations.RenameField("PhoneCall", "at", "created_at"),
        migrations.RenameField("Clearance", "by", "created_by"),
        migrations.RenameField("Clearance", "at", "created_at"),
        migrations.RenameField("EditionChange", "by", "created_by"),
        migrations.RenameField("EditionChange", "at", "created_at"),
        migrations.RenameField("EvidenceVersion", "by", "created_by"),
        migrations.RenameField("EvidenceVersion", "at", "created_at"),
        migrations.RenameField("Citation", "by", "created_by"),
        migrations.RenameField("Citation", "at", "created_at"),
        migrations.RenameField("Reading", "by", "updated_by"),
        migrations.RenameField("Reading", "at", "updated_at"),
        migrations.RenameField("Intake", "at", "created_at"),
        migrations.RenameField("LinkSighting", "by", "created_by"),
        migrations.RenameField("LinkSighting", "at", "created_at"),
        migrations.RenameField("PageMark", "by", "created_by"),
        migrations.RenameField("PageMark", "at", "created_at"),
        migrations.RenameField("Notice", "at", "created_at"),
        migrations.RenameField("Paper", "by", "created_by"),
        migrations.RenameField("Paper", "at", "created_at"),
        migrations.RenameField("PaperScan", "by", "created_by"),
        migrations.RenameField("PaperScan", "at", "created_at"),
        migrations.RenameField("Reply", "by", "created_by"),
        migrations.RenameField("Reply", "at", "created_at"),
        migrations.RenameField("ReplyVersion", "by", "created_by"),
        migrations.RenameField("ReplyVersion", "at", "created_at"),
        migrations.RenameField("Question", "by", "created_by"),
        migrations.RenameField("Question", "at", "created_at"),
        migrations.RenameField("Dismissal", "by", "created_by"),
        migrations.RenameField("Dismissal", "at", "created_at"),
        migrations.RenameField("TaskEvent", "by", "created_by"),
        migrations.RenameField("TaskEvent", "at", "created_at"),
        migrations.RenameField("TaskRequest", "by", "created_by"),
        migrations.RenameField("TaskRequest", "at", "created_at"),
        migrations.RenameField("PaperTemplate", "by", "created_by"),
        migrations.RenameField("PaperTemplate", "at", "created_at"),
        migrations.RenameField("Urge", "by", "created_by"),
        migrations.RenameField("Urge", "at", "created_at"),
        migrations.AlterModelOptions(
            name='clearance',
            options={'ordering': ['created_at', 'id'], 'verbose_name': '不涉密确认'},
        ),
        migrations.AlterModelOptions(
            name='editionchange',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': '指标体系换版'},
        ),
        migrations.AlterModelOptions(
            name='intake',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': '导入'},
        ),
        migrations.AlterModelOptions(
            name='linksighting',
            options={'ordering': ['-created_at', '-pk'], 'verbose_name': '人工核查'},
        ),
        migrations.AlterModelOptions(
            name='notice',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': '通知'},
        ),
        migrations.AlterModelOptions(
            name='paperscan',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': '盖章扫描件'},
        ),
        migrations.AlterModelOptions(
            name='phonecall',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': '电话联系'},
        ),
        migrations.AlterModelOptions(
            name='question',
            options={'ordering': ['created_at', 'id'], 'verbose_name': '提问'},
        ),
        migrations.AlterModelOptions(
            name='reply',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': '答复'},
        ),
        migrations.AlterModelOptions(
            name='review',
            options={'ordering': ['created_at'], 'verbose_name': '审核'},
        ),
        migrations.AlterModelOptions(
            name='taskevent',
            options={'ordering': ['created_at', 'id'], 'verbose_name': '任务动态'},
        ),
        migrations.AlterModelOptions(
            name='taskrequest',
            options={'ordering': ['created_at'], 'verbose_name': '延期与异议'},
        ),
        migrations.AlterModelOptions(
            name='urge',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': '催办'},
        ),
    ]
