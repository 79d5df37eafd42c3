"""Addresses of signing in, of the landing page, and of the configuration pages."""

from django.urls import URLPattern, URLResolver, path

from setara.offices import views
from setara.offices.kelola import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("masuk/", views.signin, name="signin"),
    path("masuk/sekali/<str:token>/", views.link, name="link"),
    path("keluar/", views.signout, name="signout"),
    path("kunci/", views.lock, name="lock"),
    path("petugas/", views.staff, name="staff"),
    path("kelola/", site.urls),
]
