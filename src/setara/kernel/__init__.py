"""The ground of the house: time, identity, errors, money and canonical data. Knows no Django."""
