"""Every door by which data of the journal can be written, and the tests that try each family of rules at it: `python -m tests.regulation.doors`
writes docs/doors.md. test_doors.py fails for a door of the address map that is missing here, and for a test that is not there."""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/doors.md"

FAMILIES = {
    "rights": "Чужой журнал (ACC-04 … 07, SUB-01)", "closed": "Закрытый период (LEG-07, MRK-08)",
    "window": "Окно правки (MRK-08, MRK-09)", "deadline": "Сроки (MRK-01 … 07, ATT-01, HW-01, FIN-01 … 04)",
    "values": "Что можно записать (MRK-10, MRK-17, FIN-06, FIN-07)", "gradeless": "Безотметочное обучение (MRK-14)",
    "words": "Язык и понятность (PLN-06, HW-05)", "ground": "Основание (ATT-07, MRK-11, MRK-12)",
}
_ANY = {"rights": ["test_acc_06_no_office_writes_the_journal_of_a_teacher_at_any_door"],
        "closed": ["test_fin_a_closed_period_takes_nothing_at_any_door", "test_mrk_08_nobody_changes_a_closed_record_by_any_other_door"],
        "window": ["test_mrk_08_past_the_edit_window_nothing_of_a_lesson_changes_at_any_door"]}


class Door(NamedTuple):
    """`endpoints` of the address map (none: the queue, the shell), `tests` family → names. A family that is not named does not concern
    the door."""

    name: str
    endpoints: tuple[str, ...]
    tests: dict[str, list[str]]


def _door(name: str, endpoints: str, **tests: str) -> Door:
    return Door(name, tuple(endpoints.split()), {**_ANY, **{family: names.split() for family, names in tests.items()}})


DOORS = (
    _door("Сетка журнала: клетки", "journal.cells",
          rights="test_acc_06_saving_in_a_foreign_journal_is_403 test_sub_01_a_substitute_writes_the_lent_lesson_and_no_other",
          window="test_mrk_08_day_14_with_a_reason_is_saved_and_day_15_names_the_clause",
          deadline="test_mrk_01_a_mark_of_the_next_day_is_saved_and_flagged", values="test_mrk_17_osv_is_refused_with_its_clause",
          gradeless="test_mrk_14_grade_1_has_attendance_and_topics_but_no_marks",
          ground="test_att_07_a_retake_keeps_the_absence_and_needs_number_and_date"),
    _door("Урок: кто на уроке, отметки", "lesson.attendance lesson.marks",
          rights="test_acc_06_nobody_but_the_teacher_saves_a_lesson test_sub_01_a_substitute_fills_the_lent_lesson",
          deadline="test_att_01_the_20_minutes_bind_only_the_unexplained test_att_03_attendance_of_the_next_day_is_flagged",
          values="test_mrk_17_osv_is_refused_with_its_clause", gradeless="test_mrk_14_a_gradeless_class_has_no_fields_for_marks",
          ground="test_att_07_a_retake_takes_its_protocol_from_the_form"),
    _door("Урок: тема, вид работы, материалы", "lesson.topic lesson.received lesson.materials lesson.note",
          rights="test_acc_06_nobody_but_the_teacher_saves_a_lesson",
          window="test_mrk_09_a_topic_of_day_8_asks_for_a_reason_and_keeps_what_was_typed",
          words="test_pln_06_topics_that_are_not_russian_are_told test_pln_06_a_control_work_asks_for_its_own_topic"),
    _door("Урок: домашнее задание", "lesson.homework",
          deadline="test_hw_01_homework_of_yesterday_is_kept_and_flagged test_hw_02_homework_counts_from_the_end_of_the_classs_day",
          gradeless="test_mrk_14_gradeless_grades_have_neither_marks_nor_homework",
          words="test_hw_05_what_a_family_cannot_understand_is_told_and_kept"),
    _door("Урок: комментарий ученику", "lesson.remark",
          values="test_mrk_17_nor_is_it_written_as_a_comment", words="test_pln_06_comments_and_titles_of_works_are_russian_too"),
    _door("Колонки работ", "works.add works.change works.delete works.received",
          rights="test_acc_06_columns_are_the_lessons_teachers_own",
          window="test_mrk_08_mrk_09_a_column_follows_the_edit_window_and_its_marks_too",
          words="test_pln_06_comments_and_titles_of_works_are_russian_too"),
    _door("Итоги: отметки за период и год", "results.save results.accept results.received",
          deadline="test_fin_02_two_days_before_the_end_is_in_time_one_is_late test_fin_04_an_order_moves_the_deadline_of_a_period_and_of_the_year",
          values="test_fin_07_na_is_refused_with_what_to_do_instead test_fin_07_mrk_17_of_the_year_the_exam_and_the_final_mark_too",
          gradeless="test_mrk_14_a_class_without_marks_has_nothing_to_put",
          ground="test_mrk_11_a_period_mark_keeps_the_computed_one_and_departing_needs_a_reason "
                 "test_mrk_12_a_named_subject_asks_for_a_reason_without_written_works"),
    _door("Отложенные отметки", "deferrals.new deferrals.change",
          rights="test_fin_09_the_deputy_puts_marks_off_and_puts_no_marks",
          closed="test_fin_08_the_later_passing_puts_the_mark_in_a_closed_period_by_the_day_set",
          values="test_fin_08_a_school_that_puts_nothing_off_says_so",
          ground="test_fin_08_without_a_ground_or_with_a_day_that_is_over_nothing_is_kept"),
    _door("Справка о пропусках", "admin_excuse.create_view admin_excuse.edit_view admin_excuse.delete_view",
          rights="test_att_06_reasons_are_entered_by_whom_the_regulation_names",
          ground="test_a_paper_behind_an_absence_is_asked_for_as_strictly_as_the_regulation_says"),
    _door("Таблицы: отметки, посещаемость", " ".join(
        f"admin_{table}.{verb}_view" for table in ("mark", "absence") for verb in ("create", "edit", "delete"))),
    _door("Таблицы: уроки, задания, комментарии, колонки, итоги", " ".join(
        f"admin_{table}.{verb}_view" for table in ("lesson", "homework", "remark", "work", "period_mark")
        for verb in ("create", "edit", "delete")) + " admin_lesson.cancel_view admin_lesson.move_view admin_lesson.restore_view"),
    _door("Просьба об исправлении", "corrections.mend",
          rights="test_acc_06_nobody_asks_for_cells_of_somebody_elses_journal",
          closed="test_mrk_08_exactly_those_cells_with_any_lawful_value_and_the_protocol_as_their_ground "
                 "test_mrk_08_comments_columns_and_kinds_of_work_are_asked_for_and_written_by_permission",
          window="test_mrk_08_a_permission_holds_to_its_last_second_and_closes_by_itself",
          values="test_what_is_refused_on_that_page_stays_typed"),
    _door("Очередь без связи", "", rights="test_another_account_never_saves_what_the_first_one_typed",
          closed="test_a_period_closed_meanwhile_refuses_whatever_the_time_of_typing",
          deadline="test_a_mark_that_waited_is_late_when_the_regulation_counts_its_arrival",
          window="test_what_waited_for_a_connection_and_came_too_late_leads_to_the_request_too"),
    _door("Тематический план и его коррекция", "plans.save plan_course.correct plan_course.take plan_files.take_in",
          rights="test_pln_02_the_library_holds_own_and_shared_plans_by_subject_and_parallel",
          closed="test_fin_the_days_of_a_closed_period_and_the_system_of_its_class_stay", window="",
          ground="test_pln_04_topics_are_given_together_or_in_fewer_hours_with_a_reason",
          words="test_pln_06_topics_that_are_not_russian_are_told"),
    _door("Расписание, замены, приказы о днях", "admin_timetable.publish_view substitution.day quarantine.lay quarantine.end",
          rights="test_sub_03_a_substitution_that_was_used_is_neither_deleted_nor_given_to_another",
          closed="test_fin_the_days_of_a_closed_period_and_the_system_of_its_class_stay",
          window=""),
    _door("Загрузка из Excel", "intake.write intake.undo", rights="test_cnt_08_a_second_intake_moves_nobody_between_subgroups",
          closed="test_fin_the_days_of_a_closed_period_and_the_system_of_its_class_stay", window="",
          ground="test_pln_03_plans_come_unapproved_and_a_file_that_changes_an_approved_one_ends_its_approval"),
    _door("Нарушение конфиденциальности: операции возвращены", "breach.told breach.decline breach.facts breach.confirm",
          closed="test_sec_13_homework_comes_back_with_its_files_and_goes_with_them",
          rights="test_sec_13_a_column_goes_with_its_marks_but_not_with_those_of_somebody_else", window=""),
    _door("Оболочка: функции rulebook", "", rights="test_acc_04_acc_06_a_lesson_is_written_by_its_teacher_only",
          window="test_mrk_08_a_change_after_the_window_is_refused_with_its_clause",
          deadline="test_mrk_01_a_mark_of_the_next_day_is_saved_and_flagged", values="test_mrk_17_osv_is_refused_with_its_clause",
          gradeless="test_mrk_14_grade_1_has_attendance_and_topics_but_no_marks"),
)
OTHER = """security.* join.* lock.* setup.* language.* sign_ins.* confidentiality.* access.* breach.* notices.* remarks.* duties.* upkeep.*
regulation.* regulation_versions.* list_requests.* talk.* announcements.* alerts.* tickets.* resources.* papers.* running.* backups.*
control.* corrections.* plans.* intake.* scales.* portfolio.* results.tell *.action_view *.ajax_update"""
"""Doors to anything but records of the journal: people, ways in, talk, the regulation, control; plans are no records until given."""
TABLES = """absence_code access_record account act appointment assignment bell bell_set bell_use course curriculum_line employee enrolment
guardianship holiday import_run kind_weight mark_scale movement period period_closure period_set person plan plan_topic pupil result_order
room school school_class slot subgroup_set subject substitution timetable unit unit_member work_kind year"""
"""Administrative screens whose tables hold no records of the journal."""


@cache
def tests() -> dict[str, str]:
    """Name of a test → its file."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.setdefault(node.name, str(path.relative_to(ROOT)))
    return found


def page() -> str:
    lines = ["# Двери журнала и семьи правил", "",
             "Где в журнал можно что-то записать и какой тест проверяет там каждую семью правил. Страница пишется командой",
             "`python -m tests.regulation.doors`; пустая клетка — правило к этой двери не относится.", "",
             "| дверь | " + " | ".join(FAMILIES.values()) + " |", "|---" * (len(FAMILIES) + 1) + "|"]
    for door in DOORS:
        cells = ["<br>".join(f"`{name}`" for name in door.tests.get(family, ())) for family in FAMILIES]
        lines.append(f"| {door.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
