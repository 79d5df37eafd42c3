"""A simulated office with planted schemes, so that power and false alarms are measured, not claimed."""
