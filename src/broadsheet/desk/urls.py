"""Addresses of the editors' face."""

from django.urls import URLPattern, path, register_converter

from broadsheet.desk.views import adding, door, inbox, issue, looking, sources


class PrintConverter:
    """One of the prints of an issue."""

    regex = "web|mail|text"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PrintConverter, "print")

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", inbox.inbox, name="inbox"),
    path("sign-in/", door.sign_in, name="sign_in"),
    path("sign-in/<str:token>/", door.enter, name="enter"),
    path("sign-out/", door.sign_out, name="sign_out"),
    path("stories/<int:pk>/", inbox.story, name="story"),
    path("stories/<int:pk>/decide/", inbox.decide, name="decide"),
    path("stories/<int:pk>/split/", inbox.split, name="split"),
    path("stories/<int:pk>/merge/", inbox.merge, name="merge"),
    path("add/", adding.add, name="add"),
    path("add/by-hand/", adding.by_hand, name="by_hand"),
    path("look/", looking.look, name="look"),
    path("look/<int:pk>/", looking.looked, name="looked"),
    path("learned/", looking.learned, name="learned"),
    path("learned/forget/", looking.forget, name="forget"),
    path("learned/again/", looking.judge_again, name="judge_again"),
    path("issues/", issue.issues, name="issues"),
    path("issues/draft/", issue.draft, name="draft"),
    path("issues/<int:pk>/", issue.issue, name="issue"),
    path("issues/<int:pk>/title/", issue.edit_issue, name="edit_issue"),
    path("issues/<int:pk>/sections/", issue.add_section, name="add_section"),
    path("issues/<int:pk>/restore/", issue.restore_pick, name="restore_pick"),
    path("issues/<int:pk>/preview/<print:form>/", issue.preview, name="preview"),
    path("issues/<int:pk>/print/<print:form>/", issue.printed, name="printed"),
    path("issues/<int:pk>/publish/", issue.publish, name="publish"),
    path("sections/<int:pk>/", issue.edit_section, name="edit_section"),
    path("sections/<int:pk>/move/", issue.move_section, name="move_section"),
    path("sections/<int:pk>/write/", issue.write, name="write"),
    path("sections/<int:pk>/shelf/", issue.shelf, name="shelf"),
    path("sections/<int:pk>/resource/", issue.pick_resource, name="pick_resource"),
    path("picks/<int:pk>/", issue.pick, name="pick"),
    path("picks/<int:pk>/permit/", issue.permit, name="permit"),
    path("picks/<int:pk>/move/", issue.move_pick, name="move_pick"),
    path("picks/<int:pk>/remove/", issue.remove_pick, name="remove_pick"),
    path("sources/", sources.sources, name="sources"),
    path("sources/covered/", sources.covered, name="covered"),
    path("sources/new/", sources.new, name="new_source"),
    path("sources/find/", sources.find, name="find_source"),
    path("sources/add/", sources.add, name="add_source"),
    path("sources/mail/", sources.add_mail, name="add_mail"),
    path("sources/list.opml", sources.as_list, name="feed_list"),
    path("sources/list/", sources.take_list, name="take_list"),
    path("sources/<int:pk>/", sources.source, name="source"),
    path("sources/<int:pk>/switch/", sources.switch, name="switch"),
    path("sources/<int:pk>/fill/", sources.fill, name="fill"),
    path("feeds/<int:pk>/again/", sources.again, name="again"),
    path("feeds/<int:pk>/switch/", sources.switch_feed, name="switch_feed"),
]
