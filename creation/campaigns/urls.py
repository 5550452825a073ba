from django.urls import URLPattern, path

from creation.campaigns.views import actions, assignments, editions, measures, phases, previous_year, rollover, setup

urlpatterns: list[URLPattern] = [
    # evidence: last year's pieces of a task
    path("c/<int:campaign_id>/tasks/<int:pk>/last-year/", previous_year.decide, name="heritage_decide"),
    # a new edition of the indicator system
    path("c/<int:campaign_id>/editions/", editions.edition_list, name="editions"),
    path("c/<int:campaign_id>/editions/compare/", editions.edition_compare, name="edition_compare"),
    path("c/<int:campaign_id>/editions/confirm/", editions.edition_confirm, name="edition_confirm"),
    path("c/<int:campaign_id>/editions/drop/", editions.edition_drop, name="edition_drop"),
    path("c/<int:campaign_id>/editions/<int:pk>/", editions.edition, name="edition"),
    # setup
    path("c/<int:campaign_id>/setup/measures/new/", measures.measure_new, name="measure_new"),
    path("c/<int:campaign_id>/setup/", setup.campaign_setup, name="campaign_setup"),
    path("c/<int:campaign_id>/setup/edit/", setup.campaign_edit, name="campaign_edit"),
    path("c/<int:campaign_id>/setup/new/", setup.campaign_new, name="campaign_new"),
    path("c/<int:campaign_id>/setup/roll/", rollover.campaign_roll, name="campaign_roll"),
    path("c/<int:campaign_id>/setup/undecided/<int:pk>/", rollover.gap_resolve, name="undecided_settle"),
    path("c/<int:campaign_id>/setup/distribute/", setup.campaign_distribute, name="campaign_distribute"),
    path("c/<int:campaign_id>/setup/closing/", setup.campaign_closing, name="campaign_closing"),
    path("c/<int:campaign_id>/setup/close/", setup.campaign_close, name="campaign_close"),
    path("c/<int:campaign_id>/setup/delete/", setup.campaign_delete, name="campaign_delete"),
    path("c/<int:campaign_id>/setup/reopen/", setup.campaign_reopen, name="campaign_reopen"),
    path("c/<int:campaign_id>/phases/", phases.phase_list, name="phases"),
    path("c/<int:campaign_id>/phases/<int:pk>/", phases.phase_edit, name="phase"),
    path("c/<int:campaign_id>/assignments/", assignments.assignments, name="assignments"),
    path("c/<int:campaign_id>/assignments/confirm/", assignments.assignments_confirm, name="assignments_confirm"),
    path("c/<int:campaign_id>/assignments/<int:pk>/", assignments.assignment, name="assignment"),
    path("c/<int:campaign_id>/assignments/<int:pk>/cells/", assignments.assignment_cells, name="assignment_cells"),
    path("c/<int:campaign_id>/assignments/<int:pk>/wording/", assignments.official_wording, name="official_wording"),
    path("c/<int:campaign_id>/assignments/<int:pk>/copy/", assignments.assignment_copy, name="assignment_copy"),
    path("c/<int:campaign_id>/assignments/items/<int:pk>/", assignments.assignment_item, name="assignment_item"),
    path("c/<int:campaign_id>/actions/", actions.action_list, name="actions"),
    path("c/<int:campaign_id>/actions/new/", actions.action_new, name="action_new"),
    path("c/<int:campaign_id>/actions/<int:pk>/", actions.action, name="action"),
    path("c/<int:campaign_id>/actions/<int:pk>/cancel/", actions.action_cancel, name="action_cancel"),
]
