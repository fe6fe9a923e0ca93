"""Databases as Django and Flask-SQLAlchemy make them, by their own tools."""
import os
import subprocess
import sys

DJANGO = """
import os
SECRET_KEY = "of the tests"
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                  "django.contrib.messages", "django.contrib.sessions", "django.contrib.sites",
                  "django.contrib.redirects", "django.contrib.flatpages"]
SITE_ID = 1
NAME, _, SOCKET = os.environ["OF_THE_TEST"].partition("@")
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": NAME}}
if SOCKET:
    import pymysql
    pymysql.version_info = (1, 4, 6, "final", 0)  # stands in for mysqlclient
    pymysql.install_as_MySQLdb()
    DATABASES = {"default": {"ENGINE": "django.db.backends.mysql", "NAME": NAME, "USER": "root",
                             "OPTIONS": {"unix_socket": SOCKET}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""

FLASK = """
import datetime, decimal, os
import flask, flask_sqlalchemy, sqlalchemy
app = flask.Flask("of the tests")
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["OF_THE_TEST"]
db = flask_sqlalchemy.SQLAlchemy(app)

tags = db.Table("post_tags", db.Column("post_id", db.Integer, db.ForeignKey("post.id"), primary_key=True),
                db.Column("tag_id", db.Integer, db.ForeignKey("tag.id"), primary_key=True))

class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(120), unique=True, nullable=False)
    password_hash = db.Column(db.String(200))
    role = db.Column(db.Enum("reader", "writer"), nullable=False, server_default="reader")
    born = db.Column(db.Date)
    seen = db.Column(db.DateTime, server_default=sqlalchemy.func.now())
    token = db.Column(db.LargeBinary(32))

class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    author_id = db.Column(db.Integer, db.ForeignKey("user.id", ondelete="CASCADE"), nullable=False, index=True)
    title = db.Column(db.Unicode(200), nullable=False)
    text = db.Column(db.Text)
    price = db.Column(db.Numeric(10, 2))
    weight = db.Column(db.Float)
    published = db.Column(db.Boolean, nullable=False)
    at = db.Column(db.Time)
    meta = db.Column(db.JSON)
    __table_args__ = (db.UniqueConstraint("author_id", "title"), db.Index("by_title", "title"))

class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50), nullable=False)
    parent_id = db.Column(db.Integer, db.ForeignKey("tag.id"))

with app.app_context():
    db.create_all()
    db.session.add(User(id=1, email="ann@example.org", born=datetime.date(2000, 2, 29), token=bytes(range(32)),
                        seen=datetime.datetime(2024, 1, 31, 12, 0, 1, 500000)))
    db.session.flush()
    db.session.add(Post(author_id=1, title="Ünï", price=decimal.Decimal("-12.30"), weight=0.1, published=True,
                        meta={"a": [1, None]}, at=datetime.time(1, 2)))
    db.session.add(Post(author_id=1, title="", published=False))
    db.session.add(Tag(name="x"))
    db.session.commit()
"""


def run(arguments, url, folder):
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=120,
                          env={**os.environ, "OF_THE_TEST": url, "DJANGO_SETTINGS_MODULE": "settings_of_the_test"})
    assert done.returncode == 0, done.stderr[-2000:]


def make_by_django(folder, database):
    """`database`: a file, or "name@socket" of a server."""
    with open(folder + "/settings_of_the_test.py", "w") as file:
        file.write(DJANGO)
    run(["-m", "django", "migrate", "--verbosity", "0", "--skip-checks"], database, folder)


def make_by_flask(url):
    run(["-c", FLASK], url, "/")
