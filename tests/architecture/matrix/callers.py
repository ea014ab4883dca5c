"""The kinds of callers by their names."""

ANYONE, CITIZEN, H5_CITIZEN = "anyone", "citizen", "h5_citizen"
PARTNER = "partner"
STAFF_PAGE = "staff_page"
OPTIONAL_CITIZEN, OPTIONAL_H5_CITIZEN = "optional_citizen", "optional_h5_citizen"
