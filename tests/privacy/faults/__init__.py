"""Leaks planted on purpose: each is a way in which such products have told one partner about the other."""

from tests.privacy.faults import further, paces, planted

__all__ = ["LISTED", "further", "paces", "planted"]

# what the promise names, and the leak that stands for it
LISTED = {
    "progress badge": "progress_badge",
    "unread count": "unread_count",
    "average over both": "average_over_both",
    "total beside benefits": "total_beside_what_is_open",
    "id gap": "ids_from_a_counter",
    "403/404": "forbidden_is_not_absent",
    "search over private text": "search_over_private_text",
    "shared rate limit": "guesses_of_the_household",
    "ETag or Last-Modified of the couple": "version_of_the_couple_as_etag",
    "updated_at bump": "draft_touches_the_other_copy",
    "autosave bumping a couple's version": "autosave_bumps_the_version_of_the_couple",
    "unique-violation text": "unique_violation_told",
    "cascade delete": "cascade_delete",
    "mail threading": "mail_thread_of_the_couple",
    "reminder that stops": "reminder_that_stops",
    'PDF "page 3 of 7"': "page_3_of_7",
    "CSV order by rowid": "order_by_rowid",
    "LIMIT before the filter": "limit_before_the_filter",
    "cached fragment keyed by couple": "fragment_kept_for_the_couple",
    "submission key shared by the couple": "submission_key_of_the_couple",
    "quota per couple": "quota_of_the_couple",
    "export file name": "file_name_with_a_number",
    "job-order delay": "mail_that_waits_its_turn",
    "locked-database 503": "locked_while_the_other_writes",
    "hold that moves a task": "hold_that_takes_a_task",
}
