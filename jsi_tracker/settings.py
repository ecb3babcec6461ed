"""Settings of the site, which are read from the environment. The defaults are safe and serve only this machine.

Production mode is on if ALLOWED_HOSTS contains any host other than this machine. PRODUCTION=0 or PRODUCTION=1 overrides
that rule. All environment variables are read in this file and listed in `docs/reference/settings.md`.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy

from issues.api.tags import TAGS as API_TAGS
from issues.api.version import VERSION as API_VERSION
from jsi_tracker.environment import Environment
from jsi_tracker.ops import logs
from jsi_tracker.secret_key import local_secret_key, require_strong
from jsi_tracker.servers import caches, databases_with_replicas, primary_database

BASE_DIR = Path(__file__).resolve().parent.parent
# The version in pyproject.toml, which is not part of an installation. A test checks that the two versions agree.
VERSION = "0.1.0"
# The directory, not tracked by git, of the files that a running site creates: the local database and secret key.
VAR_DIR = BASE_DIR / "var"
THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"]

env = Environment()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=THIS_MACHINE)
PRODUCTION: bool = env.bool("PRODUCTION", default=not set(ALLOWED_HOSTS) <= set(THIS_MACHINE))
DEBUG: bool = env.bool("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured(
        "DEBUG would show settings and source code to visitors. Unset DEBUG, or set PRODUCTION=0."
    )
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS=* would let attackers forge links. Set ALLOWED_HOSTS to the host names of the site."
    )

if PRODUCTION:
    SECRET_KEY = require_strong(env.str("SECRET_KEY", default=""))
else:
    SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret_key(VAR_DIR / "secret_key")

# Earlier keys. Links and second factors created with them remain valid.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])

INSTALLED_APPS = [
    "jsi_tracker.apps.TrackerAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "corsheaders",
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
    "jsi_tracker.ops.request_ids.RequestIdMiddleware",
    "jsi_tracker.ops.health.HealthMiddleware",
    "jsi_tracker.ops.request_log.RequestLogMiddleware",
    # This comes before the middleware that responds to polling clients, so that their responses have its headers, too.
    "corsheaders.middleware.CorsMiddleware",
    # These come before the middleware for static files and refused requests, so that all responses have their headers.
    "csp.middleware.CSPMiddleware",
    "jsi_tracker.middleware.headers.ResponseHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jsi_tracker.middleware.head_requests.HeadRequestMiddleware",
    "jsi_tracker.middleware.null_bytes.NullByteMiddleware",
    "jsi_tracker.middleware.body_limit.BodyLimitMiddleware",
    "jsi_tracker.middleware.negotiation_prefix.NegotiationPrefixMiddleware",
    "issues.api.polling.PollingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "jsi_tracker.middleware.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "jsi_tracker.middleware.output_text.OutputTextMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jsi_tracker.middleware.kept_forms.KeptFormMiddleware",
    "jsi_tracker.accounts.sessions.SessionActivityMiddleware",
    "jsi_tracker.accounts.second_factor.SecondFactorMiddleware",
    "issues.web.mementos.MementoMiddleware",
    "issues.web.day_links.DayLinksMiddleware",
    "jsi_tracker.middleware.rate_limit.RateLimitMiddleware",
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
            "libraries": {
                "bracket_names": "issues.web.templatetags.bracket_names",
                "local_names": "issues.web.templatetags.local_names",
                "name_lists": "issues.web.templatetags.name_lists",
                "text_figures": "issues.web.templatetags.text_figures",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "issues.web.context_processors.site",
            ],
        },
    },
]

DATABASES = databases_with_replicas(
    primary_database(env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'jsi.sqlite3'}"), VAR_DIR),
    env.list("REPLICA_URLS", default=[]),
)
REPLICAS = [alias for alias in DATABASES if alias != "default"]
# The maximum lag, in seconds, of a replica that still serves requests.
REPLICA_LAG: int = env.int("REPLICA_LAG", default=30)
if REPLICAS:
    DATABASE_ROUTERS = ["jsi_tracker.replicas.Router"]
    # The middleware must precede all middleware that queries the database.
    MIDDLEWARE.insert(
        MIDDLEWARE.index("jsi_tracker.middleware.negotiation_prefix.NegotiationPrefixMiddleware"),
        "jsi_tracker.replicas.ReplicaMiddleware",
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# Any site may read the public API in a browser, but without the reader's cookies or token.
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"^(/negotiations/[-\w]+)?/api/v1/"
CORS_ALLOW_METHODS = ("GET", "HEAD", "OPTIONS")
CORS_ALLOW_HEADERS = ("accept", "if-none-match", "if-modified-since")
CORS_EXPOSE_HEADERS = (
    *("ETag", "Link", "Retry-After", "Deprecation", "Sunset", "X-Request-ID"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
)

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

# Accounts use django-allauth, which `jsi_tracker.accounts` customizes. The user guide is `docs/how-to/accounts.md`.
ACCOUNT_ADAPTER = "jsi_tracker.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "jsi_tracker.accounts.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_SESSION_REMEMBER = True
# The secretariat vouches for each address that it invites, and users cannot add another address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
# `key` identifies an account. The limit per IP address is higher, because a delegation may share one address.
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,30/15m/ip", "login": "60/m/ip"}
# The number of proxies that append to X-Forwarded-For. With 0, the client's address is that of the connection.
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXIES", default=0)

# Whether users who may write must use a second factor.
SECOND_FACTOR_REQUIRED: bool = env.bool("SECOND_FACTOR_REQUIRED", default=PRODUCTION)
MFA_ADAPTER = "jsi_tracker.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "JSI tracker"
# Allauth requires a verified address, because strangers could otherwise sign up with any address. This site has no
# sign-up.
MFA_ALLOW_UNVERIFIED_EMAIL = True

SOCIALACCOUNT_ADAPTER = "jsi_tracker.accounts.adapters.OpenIDConnectAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
# Single sign-on uses a link, because the CSP directive `form-action 'self'` blocks forms that redirect to the provider.
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

# By default, mail is printed to the console.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# The base URL for links in e-mail sent outside a request.
SITE_URL: str = env.str("SITE_URL", default="http://localhost:8000")
# Whether webhooks may be sent to this machine without TLS, which is useful for testing receivers.
WEBHOOKS_TO_LOOPBACK: bool = env.bool("WEBHOOKS_TO_LOOPBACK", default=False)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="JSI tracker <tracker@localhost>")

REDIS_URL: str = env.str("REDIS_URL", default="")
CACHES = caches(REDIS_URL)

# The official languages of the WTO, each in its own language.
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

# The path is absolute so that negotiation prefixes do not apply, because all negotiations share the static files.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# The target of collectstatic in production. Elsewhere, static files are served from their source folders.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# A clone runs without a build step. In production, the files gathered by collectstatic are served.
WHITENOISE_USE_FINDERS = not PRODUCTION

# The maximum length, in characters, of a provision's text. Even whole consolidated agreements are shorter.
LONGEST_PROVISION = 1_000_000
# A text that is far too long must still reach the form, which reports the error and preserves the input. When
# form-encoded, 5 MB of non-ASCII characters amount to 15 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

# The contact for vulnerability reports in /.well-known/security.txt, which is an e-mail address or a URL.
SECURITY_CONTACT: str = env.str("SECURITY_CONTACT", default="")
# Seconds within which the head of a request must arrive, if gunicorn uses `jsi_tracker.workers`.
SLOWEST_REQUEST: int = env.int("SLOWEST_REQUEST", default=10)

# Limits for imported files: size in bytes, unpacked size in bytes, number of package parts, and number of characters.
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
    # Browsers accept a `__Host-` cookie only over TLS, and other hosts in the domain cannot set such a cookie.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
    if env.bool("BEHIND_TLS_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The label of the empty choice in filters.
FILTERS_EMPTY_CHOICE_LABEL = gettext_lazy("Any")
REST_FRAMEWORK = {
    # Token authentication comes first, because unauthenticated clients receive the challenge of the first class.
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
# API rate limits per token or session and, for requests without either, per IP address. "off" disables a limit.
API_RATE_ACCOUNT: str = env.str("API_RATE_ACCOUNT", default="1200/minute")
API_RATE_ADDRESS: str = env.str("API_RATE_ADDRESS", default="600/minute")
# The rate limit for pages computed from all texts and for file exports.
COSTLY_PAGES_RATE: str = env.str("COSTLY_PAGES_RATE", default="300/minute")
# The memory, in bytes, in which each worker caches public API responses.
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
        name: f"{enum}.choices"
        for name, enum in {
            "StatusEnum": "issues.models.choices.Status",
            "StanceEnum": "issues.models.choices.Stance",
            "ReportedStanceEnum": "issues.models.choices.ReportedStance",
            "ResultKindEnum": "issues.reports.search.ResultKind",
            "SectionKindEnum": "issues.models.choices.SectionKind",
            "VariantKindEnum": "issues.models.choices.VariantKind",
            "MeetingKindEnum": "issues.models.choices.MeetingKind",
            "GenreEnum": "issues.models.choices.Genre",
            "ProposalStateEnum": "issues.models.choices.ProposalState",
            "RequestStateEnum": "issues.models.choices.RequestState",
            "ProposalActEnum": "issues.models.choices.ProposalAct",
            "OperationActEnum": "issues.models.choices.Act",
        }.items()
    }
    | {
        "HolderKindEnum": ["member", "grouping"],
        "StatusSlugEnum": "issues.api.serializers.fields.STATUS_SLUGS",
        "RequestStateSlugEnum": "issues.api.serializers.fields.REQUEST_STATE_SLUGS",
    },
    "TAGS": API_TAGS,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "docExpansion": "list"},
}

# The format of log lines: "text" or "json".
LOG_FORMAT: str = env.str("LOG_FORMAT", default=logs.JSON if PRODUCTION else logs.TEXT)
LOGGING = logs.logging_config(LOG_FORMAT, env.str("LOG_LEVEL", default="INFO"))
# The duration, in milliseconds, above which SQL statements are logged. With 0, no statements are logged.
SLOW_QUERY_MS: int = env.int("SLOW_QUERY_MS", default=500)
# The bearer token that grants access to /metrics.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")

# Days after which `manage.py forget_expired` deletes data that is not part of the record.
KEEP_DELIVERIES_DAYS: int = env.int("KEEP_DELIVERIES_DAYS", default=30)
KEEP_INVITATIONS_DAYS: int = env.int("KEEP_INVITATIONS_DAYS", default=90)
KEEP_IMPORTS_DAYS: int = env.int("KEEP_IMPORTS_DAYS", default=180)
