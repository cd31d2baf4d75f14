"""Runs programs of session operations on SQLAlchemy, and records the errors and the tables that they end with.

    pip install sqlalchemy
    REALGAR_PRINT=/tmp/programs.txt cargo test -p realgar --test programs print
    python3 crates/realgar/tests/programs/record.py /tmp/programs.txt > crates/realgar/tests/programs/recorded.jsonl

The tests read what is recorded; they need no Python.
"""

import json
import sqlite3
import sys
import warnings

from sqlalchemy import Column, ForeignKey, Integer, String, Table, create_engine, event, select
from sqlalchemy.orm import (
    DeclarativeBase, Session, immediateload, joinedload, lazyload, mapped_column, relationship, selectinload, subqueryload,
)
from sqlalchemy.pool import StaticPool

warnings.simplefilter("ignore")


class Base(DeclarativeBase):
    pass


class Row:
    id = mapped_column(Integer, primary_key=True)
    tag = mapped_column(String, unique=True, nullable=False)
    value = mapped_column(Integer, nullable=False)


class Author(Row, Base):
    __tablename__ = "authors"
    books = relationship("Book", back_populates="author", cascade="all, delete-orphan")


class Book(Row, Base):
    __tablename__ = "books"
    author_id = mapped_column(ForeignKey("authors.id"))
    author = relationship("Author", back_populates="books")
    pages = relationship("Page", back_populates="book", cascade="all, delete-orphan")


class Page(Row, Base):
    __tablename__ = "pages"
    book_id = mapped_column(ForeignKey("books.id"), nullable=False)
    book = relationship("Book", back_populates="pages")


post_labels = Table(
    "post_labels", Base.metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True),
    Column("label_id", ForeignKey("labels.id"), primary_key=True),
)


class Post(Row, Base):
    __tablename__ = "posts"
    labels = relationship("Label", secondary=post_labels, back_populates="posts")


class Label(Row, Base):
    __tablename__ = "labels"
    posts = relationship("Post", secondary=post_labels, back_populates="labels")


class Node(Row, Base):
    __tablename__ = "nodes"
    parent_id = mapped_column(ForeignKey("nodes.id"))
    parent = relationship("Node", back_populates="children", remote_side="Node.id")
    children = relationship("Node", back_populates="parent")


class Student(Row, Base):
    __tablename__ = "students"
    enrolments = relationship("Enrolment", back_populates="student", cascade="all, delete-orphan")


class Course(Row, Base):
    __tablename__ = "courses"
    enrolments = relationship("Enrolment", back_populates="course")


class Enrolment(Base):
    __tablename__ = "enrolments"
    student_id = mapped_column(ForeignKey("students.id"), primary_key=True)
    course_id = mapped_column(ForeignKey("courses.id"), primary_key=True)
    tag = mapped_column(String, unique=True, nullable=False)
    value = mapped_column(Integer, nullable=False)
    student = relationship("Student", back_populates="enrolments")
    course = relationship("Course", back_populates="enrolments")


KINDS = {
    "library": [Author, Book, Page],
    "blog": [Post, Label],
    "tree": [Node],
    "school": [Student, Course, Enrolment],
}
MODELS = {model.__name__.lower(): model for models in KINDS.values() for model in models}
KEYS = {Book: ["author"], Page: ["book"], Node: ["parent"], Enrolment: ["student", "course"]}
OWNED = {Author: ["books"], Book: ["pages"], Student: ["enrolments"]}
LOADERS = {
    "select": lazyload, "peers": lazyload, "joined": joinedload, "selectin": selectinload,
    "subquery": subqueryload, "immediate": immediateload,
}


def model_of(name):
    return MODELS[name.rstrip("0123456789")]


class Program:
    """One program on a database of its own, in memory."""

    def __init__(self, schema):
        self.models = KINDS[schema]
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})

        @event.listens_for(engine, "connect")
        def connected(connection, _):
            connection.execute("PRAGMA foreign_keys = ON")

        @event.listens_for(engine, "begin")
        def begun(connection):
            connection.exec_driver_sql("BEGIN")

        Base.metadata.create_all(engine, tables=self.tables())
        self.raw = engine.raw_connection().driver_connection
        self.engine = engine
        self.session = Session(engine)
        self.vars, self.ids, self.savepoints = {}, {}, []

    def tables(self):
        tables = [model.__table__ for model in self.models]
        return tables + ([post_labels] if Post in self.models else [])

    # What a program names.

    def known(self, name):
        """The object of this name, new where there is none."""
        if name == "none":
            return None
        if name not in self.vars:
            self.vars[name] = model_of(name)(tag=name, value=0)
        return self.vars[name]

    def all(self, names):
        return [] if names == "none" else [self.known(name) for name in names.split(",")]

    def at(self, path):
        name, rel = path.split(".")
        return self.vars[name], rel

    def meet(self, found):
        for one in found if isinstance(found, list) else [found]:
            if one is not None:
                self.vars[one.tag] = one

    def learn(self):
        for model in self.models:
            columns = "student_id, course_id" if model is Enrolment else "id, 0"
            for tag, first, second in self.raw.execute(f"SELECT tag, {columns} FROM {model.__tablename__}"):
                self.ids[tag] = (first, second)

    def key(self, name):
        self.learn()
        key = self.ids[name]
        return key if model_of(name) is Enrolment else key[0]

    def ends(self, one, rel):
        found = getattr(one, rel)
        return list(found) if isinstance(found, list) else [found] if found is not None else []

    # Operations.

    def run(self, line):
        name, *words = line.split()
        getattr(self, "do_" + name.replace("-", "_"))(*words)

    def do_add(self, name, value, *fields):
        given = {}
        for field in fields:
            rel, names = field.split("=")
            items = self.all(names)
            given[rel] = items if getattr(model_of(name), rel).property.uselist else items[0]
        one = self.vars[name] = model_of(name)(tag=name, value=int(value), **given)
        self.session.add(one)

    def do_append(self, path, item):
        owner, rel = self.at(path)
        getattr(owner, rel).append(self.known(item))

    def do_remove(self, path, item):
        owner, rel = self.at(path)
        getattr(owner, rel).remove(self.vars[item])

    def do_set(self, path, to):
        owner, rel = self.at(path)
        setattr(owner, rel, self.known(to))

    def do_replace(self, path, items):
        owner, rel = self.at(path)
        setattr(owner, rel, self.all(items))

    def do_assign(self, path, items):
        self.do_replace(path, items)
        self.session.flush()

    def do_write(self, name, value):
        self.vars[name].value = int(value)

    def do_key(self, path, to):
        owner, rel = self.at(path)
        setattr(owner, rel + "_id", None if to == "none" else self.key(to))

    def do_delete(self, name):
        self.session.delete(self.vars[name])

    def do_again(self, name):
        self.session.add(self.vars[name])

    def do_flush(self):
        self.session.flush()

    def do_commit(self):
        self.session.commit()

    def do_rollback(self):
        self.session.rollback()

    def do_close(self):
        self.session.close()
        self.vars = {}

    def do_savepoint(self):
        self.savepoints.append(self.session.begin_nested())

    def do_keep(self):
        savepoint = self.savepoints.pop()
        try:
            savepoint.commit()
        except Exception:
            savepoint.rollback()
            raise

    def do_undo(self):
        self.savepoints.pop().rollback()

    def do_expire(self, name):
        self.session.expire(self.vars[name])

    def do_expire_all(self):
        self.session.expire_all()

    def do_refresh(self, name):
        self.session.refresh(self.vars[name])

    def do_expunge(self, name):
        one = self.vars[name]
        owned = [one]
        for owner in owned:
            owned.extend(end for rel in OWNED.get(type(owner), []) for end in self.ends(owner, rel))
        tags = [end.tag for end in owned]
        self.session.expunge(one)
        for tag in tags:
            del self.vars[tag]

    def do_merge(self, name, value):
        self.session.flush()
        self.learn()
        given = {"tag": name, "value": int(value)}
        row = name in self.ids and self.raw.execute(
            f"SELECT * FROM {model_of(name).__tablename__} WHERE tag = ?", (name,)
        )
        if row:
            columns = [column[0] for column in row.description]
            found = row.fetchone()
            if found:
                given = {**dict(zip(columns, found)), **given}
        self.meet(self.session.merge(model_of(name)(**given)))

    def do_get(self, name):
        self.meet(self.session.get(model_of(name), self.key(name)))

    def do_load(self, path):
        self.meet(self.ends(*self.at(path)))

    def do_preload(self, kind, rel):
        self.session.flush()
        for one in list(self.vars.values()):
            if type(one) is MODELS[kind] and one in self.session:
                self.meet(self.ends(one, rel))

    def do_query(self, kind, options=""):
        model, path, rels = MODELS[kind], None, []
        for option in options.split("/") if options else []:
            rel, strategy = option.split(":")
            attribute = getattr(model, rel)
            path = getattr(path, LOADERS[strategy].__name__)(attribute) if path else LOADERS[strategy](attribute)
            model = attribute.property.mapper.class_
            rels.append((rel, LOADERS[strategy] is not lazyload))
        query = select(MODELS[kind])
        found = list(self.session.scalars(query.options(path) if path else query).unique())
        self.meet(found)
        for rel, eager in rels:
            if not eager:
                break
            found = [end for one in found for end in self.ends(one, rel)]
            self.meet(found)

    def do_look(self):
        for model in self.models:
            self.meet(list(self.session.scalars(select(model)).unique()))

    # What another connection commits.

    def do_other_write(self, name, value):
        self.raw.execute(f"UPDATE {model_of(name).__tablename__} SET value = ? WHERE tag = ?", (int(value), name))

    def do_other_key(self, path, to):
        name, rel = path.split(".")
        key = None if to == "none" else self.key(to)
        self.raw.execute(f"UPDATE {model_of(name).__tablename__} SET {rel}_id = ? WHERE tag = ?", (key, name))

    def do_other_add(self, name, value, *keys):
        model = model_of(name)
        self.learn()
        given = {"tag": name, "value": int(value)}
        for rel, key in zip(KEYS.get(model, []), keys):
            given[rel + "_id"] = None if key == "none" else self.key(key)
        if model is not Enrolment:
            given["id"] = max([first for first, _ in self.ids.values()], default=0) // 1000 * 1000 + 1000
        places = ", ".join("?" * len(given))
        self.raw.execute(f"INSERT INTO {model.__tablename__} ({', '.join(given)}) VALUES ({places})", [*given.values()])

    def do_other_delete(self, name):
        self.learn()
        self.raw.execute(f"DELETE FROM {model_of(name).__tablename__} WHERE tag = ?", (name,))

    def do_other_link(self, post, label):
        self.raw.execute("INSERT INTO post_labels VALUES (?, ?)", (self.key(post), self.key(label)))

    def do_other_unlink(self, post, label):
        keys = self.key(post), self.key(label)
        self.raw.execute("DELETE FROM post_labels WHERE post_id = ? AND label_id = ?", keys)

    # What is left.

    def shown(self):
        """The tables, as the tests show them."""
        words, tags = [], {}
        for model in self.models:
            key = "student_id" if model is Enrolment else "id"
            for tag, first in self.raw.execute(f"SELECT tag, {key} FROM {model.__tablename__}"):
                tags[(model, first)] = tag
        for model in self.models:
            rels = KEYS.get(model, [])
            columns = "".join(f", {rel}_id" for rel in rels)
            for tag, value, *keys in self.raw.execute(f"SELECT tag, value{columns} FROM {model.__tablename__} ORDER BY tag"):
                targets = [getattr(model, rel).property.mapper.class_ for rel in rels]
                named = ["<" + tags[(target, key)] for target, key in zip(targets, keys) if key is not None]
                words.append(f"{tag}={value}" + "".join(named))
        if Post in self.models:
            links = self.raw.execute("SELECT post_id, label_id FROM post_labels")
            words += sorted(f"{tags[(Post, post)]}+{tags[(Label, label)]}" for post, label in links)
        return " ".join(words)


def record(text):
    schema, *lines = text.split("\n")
    program, errors = Program(schema), []
    for number, line in enumerate(lines):
        try:
            program.run(line)
        except Exception as error:
            errors.append([number, type(error).__name__])
    try:
        program.session.rollback()
    except Exception:  # it cannot put back an object that it has let go
        program.raw.rollback()
    tables = program.shown()
    program.engine.dispose()
    return {"program": text, "errors": errors, "tables": tables}


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        for text in file.read().strip().split("\n\n"):
            print(json.dumps(record(text)), flush=True)
