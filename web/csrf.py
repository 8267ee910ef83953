"""Every form that a person fills in carries a token, so that no other site can send it in their name."""

from flask_wtf import CSRFProtect

# Started by web.security. What is not sent by a form of ours, such as a signed webhook, is exempted where it stands:
# `csrf.exempt(blueprint_or_view)`.
csrf = CSRFProtect()
