"""The part of the lesson page on links, files, the online test, and on being given at a distance (ACC-17, SUB-04)."""

from dataclasses import replace

from flask import request

import models as m
import rulebook.quarantine
from views import uploads


def section(row, rules) -> dict:
    """What the part shows: materials, the order the lesson is at a distance by, how attendance is stated then, the instruction."""
    order = rulebook.quarantine.order_over(row)
    away = row.distance or order is not None
    return {"materials": m.Material.of_lessons([row.id]).get(row.id, []), "by_order": order, "at_distance": away,
            "presence": rulebook.quarantine.presence(rules) if away else None, "distance_clause": rules["quarantine.mode"].clause}


def sent() -> dict:
    """Parameters of rulebook.materials.put_materials from the form; Refused for a file or a link that cannot be kept."""
    form = request.form
    files = [uploads.keep(upload) for upload in request.files.getlist("files")[:uploads.MOST_FILES] if upload.filename]
    if form.get("link", "").strip():
        link, title = uploads.link(form["link"]), form.get("title", "").replace("\0", "").strip()[:200]
        files.append(replace(link, name=title or link.name))
    drop = [int(number) for number in form.getlist("drop") if number.isascii() and number.isdigit() and len(number) < 10]
    return {"distance": "distance" in form, "add": files, "drop": drop, "test": "test" in form, "reason": form.get("reason", "")[:300]}
