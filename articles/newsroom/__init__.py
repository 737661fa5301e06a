"""The newsroom: who may do what, what there is to do today, and the admin site that says so.

Beside articles.admin, not in it: Django makes the site before it loads the admins.
"""
