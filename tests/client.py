"""A test client that behaves as a browser does: it carries the token of the page against forged requests."""

import hashlib
import re

from flask.testing import FlaskClient


class Client(FlaskClient):
    def sign_in(self, login, password="demo"):
        """Sign in through the page, always in the own browser of this login; returns self."""
        self.set_cookie("device", hashlib.md5(login.encode()).hexdigest())
        self.send("/login", login=login, password=password)
        return self

    def send(self, path, **form):
        """POST a form as a page of ours would."""
        return self.post(path, data={"csrf_token": self.token(), **form})

    def send_json(self, path, body):
        """POST JSON as a script of ours would."""
        return self.post(path, json=body, headers={"X-CSRFToken": self.token()})

    def token(self):
        return re.search(r'name="csrf-token" content="([^"]+)"', self.get("/login", follow_redirects=True).get_data(as_text=True))[1]
