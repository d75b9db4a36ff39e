"""The doors: a public area, in which every view says so itself."""

from flask import Blueprint

area = Blueprint("auth", __name__)
