"""The applicants' voice: survey invitations."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.feedback"
    label = "feedback"
