"""Every address of the office, room by room. Each view says who may use it (setara.site.access)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
