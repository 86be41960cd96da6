"""The desk's addresses with those of a mailing service, whose settings a test has made before."""

from broadsheet import urls
from broadsheet.mailing import hooks

urlpatterns = [*hooks.patterns(), *urls.urlpatterns]
