"""All settings, read from the environment; `.env.example` documents each. The defaults work without changes."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels

from config import broker, databases, folders, stores
from config.environment import BASE_DIR, comma_separated, env, flag, number, text

# Folders
DATA_DIR = folders.create_data_folder(Path(text("DATA_DIR", str(BASE_DIR / "data"))).expanduser().resolve())
FILES_ROOT = DATA_DIR / "files"
INCOMING_ROOT = DATA_DIR / "incoming"
LOGS_ROOT = DATA_DIR / "logs"
BACKUP_DIR = Path(text("BACKUP_DIR", str(DATA_DIR / "backups"))).expanduser().resolve()
BROKER_ROOT = DATA_DIR / "broker"

# An S3-compatible store that replaces the folder `files` when a bucket is named; otherwise {}.
S3 = stores.s3()
# The internal location of the folder `files`, if the web server in front sends files itself (X-Accel-Redirect).
ACCEL_REDIRECT = text("ACCEL_REDIRECT", "").rstrip("/")

# Security. `creation/checks.py` refuses unsafe values.
SECRET_KEY = text("SECRET_KEY", "") or folders.load_or_create_key(DATA_DIR / "secret_key")
AUDIT_KEY = text("AUDIT_KEY", "") or folders.load_or_create_key(DATA_DIR / "audit_key")
CHANNEL_KEY = text("CHANNEL_KEY", "") or folders.load_or_create_key(DATA_DIR / "channel_key")
DEBUG = flag("DEBUG")
HTTPS = flag("HTTPS")
ALLOWED_HOSTS = comma_separated("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
HOST = text("HOST", "127.0.0.1")
PORT = number("PORT", 8000)
WEB_PROCESSES = number("WEB_PROCESSES", min(os.cpu_count() or 1, 8) if sys.platform == "linux" else 1)
WEB_THREADS = number("WEB_THREADS", 8)  # of each process
WEB_MEMORY = number("WEB_MEMORY_MB", 400) * 2**20  # a web process that needs more is replaced
SITE_URL = text("SITE_URL", f"http://{HOST}:{PORT}").rstrip("/")
TRUSTED_PROXY = text("TRUSTED_PROXY", "127.0.0.1" if HTTPS else "")

# Settings for the office
OFFICE_CONTACT = text("OFFICE_CONTACT", "区法治政府建设示范创建领导小组办公室")
LIMIT_IMAGE = number("LIMIT_IMAGE_MB", 20) * 2**20
LIMIT_DOCUMENT = number("LIMIT_DOCUMENT_MB", 200) * 2**20
LIMIT_VIDEO = number("LIMIT_VIDEO_MB", 2048) * 2**20
# What the web server keeps of request bodies that are arriving, and how many connections an address may hold.
BUFFER_TOTAL = number("BUFFER_TOTAL_MB", 8192) * 2**20
BUFFER_BY_ADDRESS = number("BUFFER_BY_ADDRESS_MB", 2560) * 2**20
CONNECTIONS_BY_ADDRESS = number("CONNECTIONS_BY_ADDRESS", 256)
RESERVED_DISK = number("RESERVED_DISK_MB", 200) * 2**20  # stays free for the database and the logs
UNIT_QUOTA_GB = number("UNIT_QUOTA_GB", 20)  # exceeding it causes a warning only
CLAMAV = text("CLAMAV", "")  # clamd's socket, or host:port; "": files are not scanned
IDLE_MINUTES = number("IDLE_MINUTES", 30)
SESSION_HOURS = number("SESSION_HOURS", 8)
AUDIT_DAYS = number("AUDIT_DAYS", 365)
PASSWORD_PROFILE = text("PASSWORD_PROFILE", "asvs")

# Application
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "js_lib_bootstrap5",
    "js_lib_bootstrap_icons",
    "creation.apps.CreationConfig",
    "reports.apps.ReportsConfig",
]
MIDDLEWARE = [
    "creation.middleware.HeadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "creation.middleware.SecretAddressMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "creation.middleware.SessionPolicyMiddleware",
    "creation.middleware.PageLoginRequiredMiddleware",
    "creation.middleware.InputSanitizingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "creation.middleware.Refusals",
    "creation.middleware.DeadlockRetryMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context_processors.site",
                "creation.web.menu.menu",
                "creation.context_processors.alarms",
            ]
        },
    }
]
FORM_RENDERER = "creation.web.widget_rendering.WidgetsByFunctions"
DJANGO_TABLES2_TEMPLATE = "creation/web/_table.html"
DJANGO_TABLES2_TABLE_ATTRS = {"class": "table table-hover align-middle stacked"}
MESSAGE_STORAGE = "creation.web.messages.MessageStorage"
MESSAGE_TAGS = {message_levels.ERROR: "danger"}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # the assignment matrix: checkpoints × units
FILE_UPLOAD_TEMP_DIR = INCOMING_ROOT
FILE_UPLOAD_PERMISSIONS = 0o600

# Database
DATABASES = {"default": databases.from_url(text("DATABASE_URL", ""), DATA_DIR / "db" / "creation.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts
AUTH_USER_MODEL = "creation.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "creation.people.backends.PersonBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["config.hashers.LightArgon2"]
SHORTEST_PASSWORD = {"asvs": 12, "dengbao": 10}
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "creation.people.passwords.ChineseMinimumLengthValidator",
        "OPTIONS": {"min_length": SHORTEST_PASSWORD.get(PASSWORD_PROFILE, 12)},
    },
    {"NAME": "creation.people.passwords.ChineseCommonPasswordValidator"},
    {"NAME": "creation.people.passwords.ChineseAttributeSimilarityValidator"},
]
if PASSWORD_PROFILE == "dengbao":  # noqa: S105  (a profile's name)
    AUTH_PASSWORD_VALIDATORS += [
        {"NAME": "creation.people.passwords.CharacterKindsValidator"},
        {"NAME": "creation.people.passwords.PasswordHistoryValidator"},
    ]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
PASSWORD_RESET_TIMEOUT = 24 * 3600  # one-time links
# Longer than the rule, so that the rule can tell people why the session ended.
SESSION_COOKIE_AGE = (SESSION_HOURS + 24) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "creation.web.errors.csrf_failure"
VERIFY_PREPARED_QUERIES = False  # compare each with the query composed anew; for tests
AUDIT_TRIGGERS = True  # database triggers prevent changes of the audit trail

# Five failures of one name from one address lock that pair for 15 minutes; failures from elsewhere lock nobody out.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "creation/people/locked_out.html"

# Headers
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# The browsers' preload list is for public sites, and this one is on an intranet.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# Static files
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = ["config.static.NamedFilesFinder"]
PACKAGE_FILES = {
    "js-lib-bootstrap5/css/bootstrap.min.css",
    "js-lib-bootstrap5/js/bootstrap.bundle.min.js",
    "bootstrap-icons/font/bootstrap-icons.min.css",
    "bootstrap-icons/font/fonts/bootstrap-icons.woff",
    "bootstrap-icons/font/fonts/bootstrap-icons.woff2",
    "django_htmx/htmx-2.min.js",
    "django_htmx/django-htmx.js",
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": FILES_ROOT}},
    "staticfiles": {"BACKEND": "config.static.HashedFiles"},
}

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Mail
vars().update(env.email_url_config(text("EMAIL_URL", "consolemail://")))
EMAIL_TIMEOUT = 10

# Hosts of notice channels set up by the office that may be inside the network or used without TLS; others may not.
CHANNEL_HOSTS = comma_separated("CHANNEL_HOSTS", "")
CHANNEL_CA_FILE = text("CHANNEL_CA_FILE", "")

# Hosts inside the network that the link check may contact, because their pages may be evidence; otherwise only public addresses.
LINK_HOSTS = comma_separated("LINK_HOSTS", "")

# Celery
REDIS_URL = text("REDIS_URL", "") or broker.url(BROKER_ROOT)
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # the workers try for as long as the broker is away, at most 30 s apart
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Who sends a wake-up gives up soon, also where a connection breaks in the middle; without a number it would try for ever.
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.4,
    "visibility_timeout": 3600,
    "socket_timeout": 10,  # seconds; longer than the 1 s for which a worker's read waits in the broker
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_TASK_IGNORE_RESULT = True
# Acknowledged before they run: messages only wake up, and rows with leases say what was not finished. A worker that held
# messages when the broker died ended with its running task, minutes later; see `config/celery.py`.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_SOFT_TIME_LIMIT = 25 * 60  # seconds, unless a job sets its own limit
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_ROUTES = {
    "creation.jobs.back_up": {"queue": "exports"},
    "creation.jobs.plan_reminders": {"queue": "notices"},
    "creation.jobs.deliver": {"queue": "notices"},
    "creation.jobs.run_jobs": {"queue": "exports"},
    "creation.jobs.make_previews": {"queue": "previews"},
    "creation.jobs.check_links": {"queue": "previews"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = number("WORKER_PROCESSES", 2)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(BROKER_ROOT / "beat-schedule")

# Every process logs to standard error; the supervisor writes it to DATA_DIR/logs and rotates the files.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "waitress.queue": {"level": "ERROR"},  # a line for each request that waits for a thread
    },
}
