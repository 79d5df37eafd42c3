"""Addresses of the front door."""

from django.urls import path

from setara.site import home

urlpatterns = [
    path("", home.home, name="home"),
    path("kantor/<slug:office>/", home.office, name="office"),
    path("kantor/<slug:office>/isi/", home.home_fragment, name="home_fragment"),
    path("tentang/", home.about, name="about"),
    path("privasi/", home.privacy, name="privacy"),
    path("health/", home.health, name="health"),
]
