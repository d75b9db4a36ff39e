"""The words for what is refused of a measure: its file, its points, its scoring, and what stands before its use."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.domain.errors import Refused
from portal.domain.measure_care import Lack
from portal.web.forms.words import words_for

LACKS = {
    Lack.POINTS: _l("Say what its answers are worth."),
    Lack.SCORING: _l("Choose how it is scored."),
    Lack.LICENCE: _l("Put your licence on record."),
    Lack.LICENCE_OVER: _l("The licence has run out: put a new one on record."),
    Lack.PROTOCOL: _l("Document training, what is done when something comes up, and whom you refer to."),
    Lack.READER: _l("Name who reads it on the day on which it is sent."),
}
OF_FILE = {
    "fhir_too_large": _l("This file is larger than 1 MB."),
    "fhir_not_utf8": _l("This file is not in UTF-8."),
    "fhir_not_json": _l("This file is no JSON: it cannot be read at %(place)s."),
    "fhir_no_questionnaire": _l("This file holds no FHIR questionnaire."),
    "fhir_too_many_items": _l("This questionnaire has more than %(most)s items."),
    "fhir_too_deep": _l("This file is nested too deeply, at %(place)s."),
    "fhir_link_id_doubled": _l("The link id “%(item)s” stands there twice. Each item needs its own."),
    "fhir_modifier_extension": _l("At %(place)s stands something that changes the meaning and that is not known here."),
    "fhir_external_reference": _l("At %(place)s the file points to something outside itself, and nothing is fetched."),
    "fhir_value_set_missing": _l("At %(place)s answers are named that the file does not hold."),
    "fhir_type_not_supported": _l("At %(place)s is a kind of question that cannot be taken here."),
    "fhir_answers_repeat": _l("Item “%(item)s” takes several answers at once, which cannot be taken here."),
    "fhir_condition_loop": _l("Item “%(item)s” hangs on itself."),
    "csv_too_large": _l("This file is larger than 1 MB."),
    "csv_too_many_items": _l("This table has more than %(most)s items."),
    "csv_other_columns": _l("The first row has to name these columns: %(wanted)s."),
    "csv_empty": _l("Nothing stands in this table below its first row."),
    "csv_not_utf8": _l("Row %(row)s cannot be read: save the table in UTF-8."),
    "csv_cell_empty": _l("Row %(row)s: the column “%(column)s” is empty."),
    "csv_doubled": _l("Row %(row)s: what stands in “%(column)s” stood there before."),
    "csv_rows_differ": _l("Row %(row)s: “%(column)s” is another than in the rows that go with it."),
    "csv_reverse_of_points": _l(
        "Row %(row)s is marked as reverse. Points as printed on the form are never turned round: say that they are"
        " position numbers, or take the mark away."
    ),
    "csv_one_option": _l("Row %(row)s: an item needs two answers at least."),
    "csv_no_points": _l("Row %(row)s: give a number of points."),
}
OTHER = {
    "measure_other_number_of_items": _l(
        "This scoring is for %(wanted)s items, and the form has %(found)s with points."
    ),
    "measure_points_missing": _l("Item “%(item)s” has answers without points. Give the points first."),
    "measure_points_out_of_range": _l(
        "Item “%(item)s” has an answer worth %(points)s points, and this scoring knows %(minimum)s to %(maximum)s."
    ),
    "measure_other_items_turned": _l(
        "This scoring turns the position numbers of these items round: %(wanted)s. In the table these are marked:"
        " %(found)s."
    ),
    "measure_file_missing": _l("Choose a file first."),
    "measure_coding_missing": _l("Say what the points in the table are."),
    "measure_scoring_unknown": _l("Choose how it is scored."),
    "measure_was_activated": _l("It has been in use, so this stays as it is. Bring it in once more to change it."),
    "measure_without_reader": _l("Name somebody who reads it on the day on which it is sent."),
    "owner_activates": _l("It is in use: its licence is changed by the practice’s owner."),
    "scoring_line_unclear": _l("This line cannot be read: “%(line)s”."),
    "scoring_no_number": _l("Give a number, such as 5 or 13.5."),
    "scoring_scales_missing": _l("Say which items make the total, such as “total: 1-8”."),
    "score_map_incomplete": _l("Give points for the answer “%(answer)s” too."),
    "score_map_no_number": _l("The points for “%(answer)s” are no number that a measure has."),
    "score_map_against_file": _l("The file itself gives other points for “%(answer)s”."),
    "measure_total_out_of_range": _l("Give a score from %(minimum)s to %(maximum)s."),
    "measure_total_too_fine": _l("This score has %(decimals)s decimals at most."),
    "measure_scale_unknown": _l("This measure has no such scale."),
    "score_missing": _l("Give one score at least."),
    "day_not_yet": _l("This day is still to come."),
}
PLACES = {
    "cut": _l("its published range"),
    "bands": _l("its bands"),
    "rci": _l("its reliable change"),
    "critical": _l("its critical item"),
    "missing": _l("what may be missing"),
}


def words_of(error: Refused) -> str:
    """The sentence for a refusal; one without a sentence of its own names its place."""
    sentence = OF_FILE.get(error.code) or OTHER.get(error.code)
    if sentence is not None:
        return str(sentence) % error.params
    kind, params = error.code.partition("_")[0], error.params
    if kind == "fhir":
        return str(gettext("This file cannot be taken: something is unclear at %(place)s.", place=params["place"]))
    if kind == "csv":
        return str(gettext("Row %(row)s cannot be taken, column “%(column)s”.", **params))
    if kind == "measure" and "place" in params:
        place = str(params["place"])
        return str(gettext("This scoring is unclear: %(place)s.", place=PLACES.get(place.partition(".")[0], place)))
    return words_for(error)


def field_of(error: Refused) -> str | None:
    """The field of the form of a scoring that a refusal is about, where it names one."""
    field = error.params.get("field") or str(error.params.get("place", "")).partition(".")[0]
    return str(field) if field else None
