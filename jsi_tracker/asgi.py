"""The ASGI application, for servers that require one."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jsi_tracker.settings")

application = get_asgi_application()
