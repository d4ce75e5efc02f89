"""A library's back office made with Flask-Admin: the user interface is Flask-Admin's own, only the data is ours.

Runs in an environment of its own (`pip install flask-admin flask-sqlalchemy`):

    python library.py PORT DATABASE
"""

import datetime
import sys

from flask import Flask, redirect
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False, unique=True)
    country = db.Column(db.String(40))

    def __str__(self):
        return self.name


class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(120), nullable=False)
    price = db.Column(db.Numeric(8, 2))
    published = db.Column(db.Date)
    in_stock = db.Column(db.Boolean, default=True)
    author_id = db.Column(db.Integer, db.ForeignKey("author.id"))
    author = db.relationship("Author", backref="books")

    def __str__(self):
        return self.title


class AuthorView(ModelView):
    column_searchable_list = ("name",)
    column_default_sort = "name"


class BookView(ModelView):
    column_searchable_list = ("title",)
    column_filters = ("in_stock", "price")
    column_list = ("title", "author", "price", "published", "in_stock")
    can_view_details = True
    page_size = 10


AUTHORS = [("Ada Moreau", "France"), ("Ben Okafor", "Nigeria"), ("Clara Lindt", "Switzerland")]
WORDS = ("Harbour", "Lantern", "Orchard", "Glacier", "Meadow", "Copper", "Saffron", "Juniper", "Ember", "Willow")


def seed():
    """Three authors and fourteen books, always the same."""
    db.session.add_all(Author(name=name, country=country) for name, country in AUTHORS)
    db.session.flush()
    for number in range(14):
        db.session.add(
            Book(
                title=f"The {WORDS[number % 10]}{' Returns' if number >= 10 else ''}",
                price=8 + number * 1.5,
                published=datetime.date(2010 + number, 1 + number % 12, 1 + number),
                in_stock=number % 4 != 0,
                author_id=1 + number % 3,
            )
        )
    db.session.commit()


def main(port, database):
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="not a secret: a test bed on loopback", SQLALCHEMY_DATABASE_URI=f"sqlite:///{database}"
    )
    db.init_app(app)
    admin = Admin(app, name="Library")
    admin.add_view(AuthorView(Author, db, name="Authors"))
    admin.add_view(BookView(Book, db, name="Books"))
    app.add_url_rule("/", view_func=lambda: redirect("/admin/"))
    with app.app_context():
        db.create_all()
        if not db.session.query(Author).count():
            seed()
    app.run("127.0.0.1", port, threaded=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
