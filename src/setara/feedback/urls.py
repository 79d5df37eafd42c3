"""Addresses of the applicants' voice."""

from django.urls import path

from setara.feedback import views

urlpatterns = [path("survei/<str:token>/", views.survey, name="survey")]
