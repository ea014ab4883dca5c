"""Pages: templates in the reader's language, the headers every page carries, and the files beside them."""

from app.kit.web.pages.files import Files, Printed
from app.kit.web.pages.forms import Form, Nothing
from app.kit.web.pages.site import PRIVATE, PUBLIC, PageQuery, Site
from app.kit.web.pages.texts import LANGUAGES, Catalogue
from app.kit.web.routes import HTML

__all__ = [
    "HTML",
    "LANGUAGES",
    "PRIVATE",
    "PUBLIC",
    "Catalogue",
    "Files",
    "Form",
    "Nothing",
    "PageQuery",
    "Printed",
    "Site",
]
