"""Addresses of the public face."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from broadsheet.archive import (
    api,
    crawlers,
    editions,
    figures,
    items,
    library,
    readers,
    searching,
    seeing,
    tip,
)


class FeedConverter(StringConverter):
    """The forms of a feed."""

    regex = "atom|rss|json"


register_converter(FeedConverter, "feed")

app_name = "archive"
urlpatterns: list[URLPattern] = [
    path("", editions.editions, name="editions"),
    path("editions/<slug:uid>/", editions.edition, name="edition"),
    path("editions/<slug:uid>/mail.txt", editions.text, name="text"),
    path("items/<slug:uid>/", items.item, name="item"),
    path("search/", searching.search, name="search"),
    path("search/feed.<feed:form>", searching.search_feed, name="search_feed"),
    path("topics/", searching.subjects, {"kind": "topics"}, name="topics"),
    path("topics/<str:slug>/", searching.subject, {"kind": "topics"}, name="topic"),
    path("places/", searching.subjects, {"kind": "places"}, name="places"),
    path("places/<str:slug>/", searching.subject, {"kind": "places"}, name="place"),
    path("sources/", searching.subjects, {"kind": "sources"}, name="sources"),
    path("sources/<str:slug>/", searching.subject, {"kind": "sources"}, name="source"),
    path("feed.atom", editions.atom, name="feed"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("sitemap-<slug:part>.xml", crawlers.sitemap_part, name="sitemap_part"),
    path("pictures/<str:name>", editions.picture, name="picture"),
    path("healthz", seeing.healthz, name="healthz"),
    path("metrics", seeing.figures, name="metrics"),
    path("favicon.ico", editions.no_icon, name="icon"),
    path("edition.css", editions.style, name="style"),
    path("library/", library.library, name="library"),
    path("library/<int:pk>/", library.resource, name="resource"),
    path("tip/", tip.edition, name="tip"),
    path("tip/tiers.csv", tip.data_csv, name="tip_csv"),
    path("tip/tiers.json", tip.data_json, name="tip_json"),
    path("tip/places/", tip.countries, name="tip_countries"),
    path("tip/<int:year>/", tip.edition, name="tip_edition"),
    path("tip/<int:year>/map.png", tip.map_png, name="tip_map"),
    path("tip/<slug:iso3>/", tip.country, name="tip_country"),
    path("tip/<slug:iso3>/line.png", tip.line_png, name="tip_line"),
    path("figures/", figures.page, name="figures"),
    path("figures/<slug:period>/", figures.page, name="figures_of"),
    path("figures/<slug:period>/coverage.csv", figures.data_csv, name="figures_csv"),
    path("figures/<slug:period>/coverage.json", figures.data_json, name="figures_json"),
    path("figures/<slug:period>/<slug:axis>.png", figures.picture, name="figures_picture"),
    path("api/v1/openapi.json", api.description, name="api"),
    path("api/v1/issues/", api.issues, name="api_issues"),
    path("api/v1/issues/<slug:uid>/", api.issue, name="api_issue"),
    path("api/v1/items/", api.items, name="api_items"),
    path("api/v1/items/<slug:uid>/", api.item, name="api_item"),
    path("api/v1/resources/", api.resources, name="api_resources"),
    path("api/v1/resources/<int:pk>/", api.resource, name="api_resource"),
    path("api/v1/tiers/", api.tiers, name="api_tiers"),
    path("api/v1/search/", api.search, name="api_search"),
    path("api/v1/<path:rest>", api.nothing, name="api_nothing"),
    path("subscribe/", readers.newsletters, name="newsletters"),
    path("subscribe/<int:pk>/", readers.sign_up, name="sign_up"),
    # Short, and without a slash at the end: these stand in the header lines of mail.
    path("c/<str:token>", readers.confirm, name="confirm"),
    path("u/<str:token>", readers.leave, name="leave"),
    path("p/<str:token>", readers.choose, name="preferences"),
    path("d/<str:token>", readers.data, name="data"),
    path("d/<str:token>/data.json", readers.data_file, name="data_file"),
]
