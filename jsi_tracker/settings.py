"""Settings of the site, read from the environment; without any, a safe site for this machine alone.

Production is on as soon as ALLOWED_HOSTS names anything but this machine (PRODUCTION=0 or 1 overrides).
`docs/reference/settings.md` lists every variable.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy

from issues.api.version import VERSION as API_VERSION
from jsi_tracker.environment import Environment
from jsi_tracker.ops import logs
from jsi_tracker.secret_key import local_secret_key, require_strong

BASE_DIR = Path(__file__).resolve().parent.parent
# As in pyproject.toml, which need not be where the site runs; a test compares.
VERSION = "0.1.0"
# What a running site keeps outside git: the local database and the local secret key.
VAR_DIR = BASE_DIR / "var"
THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"]

env = Environment()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=THIS_MACHINE)
PRODUCTION: bool = env.bool("PRODUCTION", default=not set(ALLOWED_HOSTS) <= set(THIS_MACHINE))
DEBUG: bool = env.bool("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG shows settings and source to everybody: unset DEBUG, or set PRODUCTION=0.")
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS=* lets anybody forge links: name the site's own hosts.")

if PRODUCTION:
    SECRET_KEY = require_strong(env.str("SECRET_KEY", default=""))
else:
    SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret_key(VAR_DIR / "secret_key")

# Earlier keys: links and second factors made under them still hold.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])

INSTALLED_APPS = [
    "jsi_tracker.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "import_export",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "members",
    "issues",
    "jsi_tracker.apps.SiteConfig",
]

MIDDLEWARE = [
    "jsi_tracker.ops.request_ids.RequestIds",
    "jsi_tracker.ops.health.Health",
    "jsi_tracker.ops.request_log.Observing",
    # Before all others: what these refuse, and static files, are answers, too.
    "csp.middleware.CSPMiddleware",
    "jsi_tracker.middleware.headers.BrowserHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jsi_tracker.middleware.head_requests.Bodiless",
    "jsi_tracker.middleware.null_bytes.RefuseNullCharacters",
    "jsi_tracker.middleware.body_limit.RefuseLargeBodies",
    "jsi_tracker.middleware.negotiation_prefix.Mounted",
    "issues.api.polling.PollingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "jsi_tracker.middleware.language.Language",
    "django.middleware.common.CommonMiddleware",
    "jsi_tracker.middleware.output_text.WrittenOut",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jsi_tracker.middleware.kept_forms.KeptForms",
    "jsi_tracker.accounts.sessions.LastSeen",
    "jsi_tracker.accounts.second_factor.SecondFactor",
    "jsi_tracker.middleware.rate_limit.CostlyPages",
]

ROOT_URLCONF = "jsi_tracker.urls"
WSGI_APPLICATION = "jsi_tracker.wsgi.application"
ASGI_APPLICATION = "jsi_tracker.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"text_figures": "issues.web.templatetags.text_figures"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "issues.web.context_processors.site",
            ],
        },
    },
]

# WAL lets readers go on while somebody writes; IMMEDIATE makes a second writer wait for its turn
# instead of failing with "database is locked" (measured in ../shared/stack.md: 391 of 480 writes lost without).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}


def _database() -> dict[str, Any]:
    """Return the one database: DATABASE_URL, else SQLite in var/."""
    database: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'jsi.sqlite3'}")
    if database["ENGINE"] == "django.db.backends.sqlite3":
        Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        database["OPTIONS"] = SQLITE_OPTIONS
        # To open the file costs more than most queries: the threads of a worker keep theirs for a minute.
        database.setdefault("CONN_MAX_AGE", 60)
        # A file, as in service: an in-memory database would share one connection among threads.
        database["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
    else:
        database.setdefault("CONN_MAX_AGE", 60)
        database["CONN_HEALTH_CHECKS"] = True
    return database


def _replicas(primary: dict[str, Any], urls: list[str]) -> dict[str, dict[str, Any]]:
    """Return the read replicas of `primary` by alias; raises ImproperlyConfigured where there can be none."""
    if urls and primary["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("REPLICA_URLS are replicas of a PostgreSQL: name it in DATABASE_URL, or unset them.")
    found = {}
    for number, url in enumerate(urls, start=1):
        replica: dict[str, Any] = env.db_url_config(url)
        replica.setdefault("CONN_MAX_AGE", 60)
        # Who does not answer must not hold up readers: another server is asked after two seconds.
        replica["OPTIONS"] = {"connect_timeout": 2, **replica.get("OPTIONS", {})}
        found[f"replica{number}"] = replica | {"TEST": {"MIRROR": "default"}}
    if urls:
        primary["OPTIONS"] = {"connect_timeout": 2, **primary.get("OPTIONS", {})}
    return found


DATABASES = {"default": _database()}
_READ_FROM = _replicas(DATABASES["default"], env.list("REPLICA_URLS", default=[]))
# How many seconds a replica may be behind and still be read by who has not written.
REPLICA_LAG: int = env.int("REPLICA_LAG", default=30)
if _READ_FROM:
    DATABASES |= _READ_FROM
    REPLICAS = list(_READ_FROM)
    DATABASE_ROUTERS = ["jsi_tracker.replicas.Router"]
    # Before whatever asks the database first.
    MIDDLEWARE.insert(
        MIDDLEWARE.index("jsi_tracker.middleware.negotiation_prefix.Mounted"), "jsi_tracker.replicas.ReadReplicas"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["jsi_tracker.authentication.SiteBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "overview"

# Accounts are django-allauth's; `jsi_tracker.accounts` holds what differs. How to use them: `docs/how-to/accounts.md`.
ACCOUNT_ADAPTER = "jsi_tracker.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "jsi_tracker.accounts.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_SESSION_REMEMBER = True
# The secretariat vouches for the address that it invites; nobody can add another one.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
# `key` is an account. A delegation shares one address, so an address may fail more often than an account.
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,30/15m/ip", "login": "60/m/ip"}
# How many proxies in front write X-Forwarded-For; without, the address of the connection counts.
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXIES", default=0)

# Whether those who may write need a second factor for anything but reaching their account.
SECOND_FACTOR_REQUIRED: bool = env.bool("SECOND_FACTOR_REQUIRED", default=PRODUCTION)
MFA_ADAPTER = "jsi_tracker.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "JSI tracker"
# Allauth guards against strangers who sign up with somebody's address; nobody signs up here.
MFA_ALLOW_UNVERIFIED_EMAIL = True

SOCIALACCOUNT_ADAPTER = "jsi_tracker.accounts.adapters.OpenIDConnectAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
# A link instead of a form: `form-action 'self'` would stop a form on its way to the provider.
SOCIALACCOUNT_LOGIN_ON_GET = True
OIDC_SERVER_URL: str = env.str("OIDC_SERVER_URL", default="")
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env.str("OIDC_NAME", default="single sign-on"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ],
    }

# Mail is printed where nothing else is said.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# Where this site is, for links in mails that no request asked for.
SITE_URL: str = env.str("SITE_URL", default="http://localhost:8000")
# For tests and for trying receivers out on this machine: webhooks may go to it, and without TLS.
WEBHOOKS_TO_LOOPBACK: bool = env.bool("WEBHOOKS_TO_LOOPBACK", default=False)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="JSI tracker <tracker@localhost>")

# Counts failed logins, so all workers have to share it, and adding has to be atomic: Redis, or a table of the database.
REDIS_URL: str = env.str("REDIS_URL", default="")
_TABLE: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "jsi_tracker_cache",
    # Far more than what fails within a quarter of an hour: culling would forget lockouts.
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
# Counts what the API is asked. To write into the database at every question would cost more than most answers:
# where there is no Redis, each worker counts by itself.
_MEMORY: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "limits",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
CACHES: dict[str, dict[str, Any]] = {"default": _TABLE, "limits": _MEMORY}
if REDIS_URL:
    # What works without Redis stands in for it while it is away; who waits for it does so for a second at most.
    _redis: dict[str, Any] = {
        "BACKEND": "jsi_tracker.caches.RedisOrElse",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    CACHES = {
        "default": _redis | {"ELSE": "table"},
        "limits": _redis | {"ELSE": "memory"},
        "table": _TABLE,
        "memory": _MEMORY,
    }

# The languages of the WTO, each by its own name.
LANGUAGES = [("en", "English"), ("fr", "Français"), ("es", "Español")]
LANGUAGE_CODE = "en"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "jsi_tracker.formats"
TIME_ZONE = "Europe/Zurich"  # meetings are in Geneva
USE_I18N = True
USE_TZ = True

# With the slash: static files are the same for every negotiation.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Where collectstatic gathers for production; elsewhere files are served from where they are.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# A clone is served without a build step; production serves what collectstatic gathered.
WHITENOISE_USE_FINDERS = not PRODUCTION

# The longest text of one provision, in characters; the consolidated texts of whole agreements stay below it.
LONGEST_PROVISION = 1_000_000
# A text that is too long by far must still reach the form, so that it says so and nothing typed is lost: 5 MB of
# letters outside ASCII are 15 MB as a form sends them.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

# Who is told of holes that somebody finds, in /.well-known/security.txt: an address of mail, or of a page.
SECURITY_CONTACT: str = env.str("SECURITY_CONTACT", default="")
# How many seconds the head of a request may take to arrive, where gunicorn serves with `jsi_tracker.workers`.
SLOWEST_REQUEST: int = env.int("SLOWEST_REQUEST", default=10)

# What is read of a file that comes in: bytes, bytes when unpacked, parts of the package, characters of its text.
LONGEST_IMPORT: int = env.int("LONGEST_IMPORT", default=20_000_000)
LONGEST_IMPORT_UNPACKED: int = env.int("LONGEST_IMPORT_UNPACKED", default=200_000_000)
MOST_PARTS_IMPORTED: int = env.int("MOST_PARTS_IMPORTED", default=2_000)
LONGEST_IMPORTED_TEXT: int = env.int("LONGEST_IMPORTED_TEXT", default=3_000_000)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "jsi_tracker.middleware.kept_forms.csrf_failure"

if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    LANGUAGE_COOKIE_SECURE = True
    # Browsers take a cookie of such a name from this host alone, over TLS: no other host of the domain can set one.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
    if env.bool("BEHIND_TLS_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# What stands in a choice before anything is chosen.
FILTERS_EMPTY_CHOICE_LABEL = gettext_lazy("Any")
REST_FRAMEWORK = {
    # Tokens first: their challenge is what somebody unknown is answered with.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "issues.api.authentication.TokenAuthentication",
        "issues.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["issues.api.authentication.WritePermission"],
    "DEFAULT_FILTER_BACKENDS": ["issues.api.filtering.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "issues.api.pagination.NumberedPagination",
    "DEFAULT_RENDERER_CLASSES": [
        "issues.api.rendering.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["issues.api.request_bodies.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "issues.api.schema.Schema",
    "EXCEPTION_HANDLER": "issues.api.exceptions.exception_response",
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# How often a token or session, and an address that brings neither, may ask; "off" for no limit.
API_RATE_ACCOUNT: str = env.str("API_RATE_ACCOUNT", default="1200/minute")
API_RATE_ADDRESS: str = env.str("API_RATE_ADDRESS", default="600/minute")
# The same for pages that compute over all texts, and for whole files.
COSTLY_PAGES_RATE: str = env.str("COSTLY_PAGES_RATE", default="300/minute")
# How much of its public answers each worker keeps ready.
API_MEMORY_BYTES: int = env.int("API_MEMORY_BYTES", default=16 * 1024 * 1024)

SPECTACULAR_SETTINGS = {
    "TITLE": "JSI tracker",
    "DESCRIPTION": "The negotiating text of the WTO Joint Statement Initiative on e-commerce: its brackets, the "
    "positions of members, and the stated and measured status. Start with `status/`. User guide: docs/how-to/api.md.",
    "VERSION": API_VERSION,
    "LICENSE": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "issues.api.schema.complete_schema",
    ],
    "ENUM_NAME_OVERRIDES": {
        name: f"{place}.choices"
        for name, place in {
            "StatusEnum": "issues.models.choices.Status",
            "StanceEnum": "issues.models.choices.Stance",
            "ReportedStanceEnum": "issues.models.choices.ReportedStance",
            "SectionKindEnum": "issues.models.choices.SectionKind",
            "VariantKindEnum": "issues.models.choices.VariantKind",
            "MeetingKindEnum": "issues.models.choices.MeetingKind",
            "ProposalStateEnum": "issues.models.choices.ProposalState",
            "RequestStateEnum": "issues.models.choices.RequestState",
            "ProposalActEnum": "issues.models.choices.ProposalAct",
            "OperationActEnum": "issues.models.choices.Act",
        }.items()
    }
    | {"HolderKindEnum": ["member", "grouping"]},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "docExpansion": "list"},
}

# How lines of the log are written: "text" or "json".
LOG_FORMAT: str = env.str("LOG_FORMAT", default=logs.JSON if PRODUCTION else logs.TEXT)
LOGGING = logs.configured(LOG_FORMAT, env.str("LOG_LEVEL", default="INFO"))
# Statements that take longer are logged; 0 for none.
SLOW_QUERY_MS: int = env.int("SLOW_QUERY_MS", default=500)
# Who brings it may read /metrics.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")

# `manage.py forget_expired`: for how many days things are kept that are not on record.
KEEP_DELIVERIES_DAYS: int = env.int("KEEP_DELIVERIES_DAYS", default=30)
KEEP_INVITATIONS_DAYS: int = env.int("KEEP_INVITATIONS_DAYS", default=90)
KEEP_IMPORTS_DAYS: int = env.int("KEEP_IMPORTS_DAYS", default=180)
