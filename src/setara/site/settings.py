"""Settings of one office. Everything that differs between offices is an environment variable here or a
row in the database; docs/reference/settings.md lists each (a test holds the two together)."""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from setara.site.database import connection_settings
from setara.site.keys import key_file, secret_text
from setara.site.places import home

PACKAGE = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool = False) -> bool:
    """An environment variable as yes/no: 1, true, yes, on in any case mean yes."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


SETARA_HOME = home()
SETARA_DEMO = flag("SETARA_DEMO")
DEBUG = flag("SETARA_DEBUG")
PORT = int(os.environ.get("PORT", "8000"))
LIVE_PORT = int(os.environ.get("LIVE_PORT", str(PORT + 1000)))
OUTSIDE_PORT = int(os.environ.get("OUTSIDE_PORT", str(PORT + 2000)))
# Where a browser finds the live process. Empty: the same host at LIVE_PORT.
SETARA_LIVE_URL = os.environ.get("SETARA_LIVE_URL", "")
# Outside systems. In the demo office one simulator process plays all of them.
_outside = f"http://127.0.0.1:{OUTSIDE_PORT}" if SETARA_DEMO else ""
SETARA_TREASURY_URL = os.environ.get("SETARA_TREASURY_URL", _outside)
SETARA_DEVICE_URL = os.environ.get("SETARA_DEVICE_URL", _outside)
SETARA_MESSAGES_URL = os.environ.get("SETARA_MESSAGES_URL", _outside)
SETARA_PUBLIC_URL = os.environ.get("SETARA_PUBLIC_URL", f"http://127.0.0.1:{PORT}")
SETARA_TREASURY_SECRET = os.environ.get("SETARA_TREASURY_SECRET") or secret_text("treasury")
SETARA_VAULT_KEY_FILE = key_file("vault")
SETARA_VOICE_DIR = os.environ.get("SETARA_VOICE_DIR") or SETARA_HOME / "suara"
SETARA_IDLE_SECONDS = int(os.environ.get("SETARA_IDLE_SECONDS", "300"))

SECRET_KEY = os.environ.get("SETARA_SECRET_KEY") or secret_text("django")
ALLOWED_HOSTS = [
    h
    for h in os.environ.get(
        "SETARA_HOSTS", "*" if SETARA_DEMO or DEBUG else "localhost,127.0.0.1,[::1]"
    ).split(",")
    if h
]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("SETARA_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
    "setara.ledger",
    "setara.offices",
    "setara.people",
    "setara.applications",
    "setara.payments",
    "setara.booking",
    "setara.queueing",
    "setara.casework",
    "setara.notices",
    "setara.feedback",
    "setara.oversight",
    "setara.reports",
    "setara.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "setara.site.middleware.OfficeMiddleware",
    "setara.site.middleware.RefusalMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "setara.site.urls"
WSGI_APPLICATION = "setara.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "setara.site.context.house",
            ],
        },
    },
]

DATABASES = {"default": connection_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "offices.Account"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "signin"
LOGIN_REDIRECT_URL = "home"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

# Deny by default: only our own origin, no inline script or style, and the live process beside it.
_live = [SETARA_LIVE_URL] if SETARA_LIVE_URL.startswith("http") else [f"http://*:{LIVE_PORT}"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF, *_live],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("SETARA_HTTPS")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_FAILURE_VIEW = "setara.site.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# What the application's own database role may do (setara.site.database.grant).
SETARA_APPEND_ONLY_TABLES = ["ledger_event"]
SETARA_DELETABLE_TABLES = ["django_session"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
