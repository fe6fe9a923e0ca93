"""The benchmark's requests on Flask with PyJWT and SQLAlchemy, under uwsgi."""
import os
import time

import jwt
from flask import Flask, jsonify, request
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

SECRET = os.environ["BENCH_SECRET"]
engine = create_engine("mysql+pymysql://root@/bench?unix_socket=" + os.environ["BENCH_SOCKET"])
Session = scoped_session(sessionmaker(bind=engine))


class User(declarative_base()):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(100))


application = Flask(__name__)


@application.teardown_appcontext
def end(_):
    Session.remove()


@application.get("/hello")
def hello():
    return jsonify(hello="world")


@application.get("/api/v1/token")
def token():
    now = int(time.time())
    return jsonify(token=jwt.encode({"table_name": "users", "id": 1, "iat": now, "exp": now + 86400},
                                    SECRET, algorithm="HS256"))


@application.get("/api/v1/me")
def me():
    try:
        text = request.headers.get("Authorization", "").removeprefix("Bearer ")
        claims = jwt.decode(text, SECRET, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        return jsonify(), 401
    user = Session.get(User, claims["id"])
    return jsonify(id=user.id, name=user.name)
